"""Whose is it? Keys, tokens and the control database of a lake."""
