"""The evidence bundle: what an auditor of one tenant gets, and checks without us."""
