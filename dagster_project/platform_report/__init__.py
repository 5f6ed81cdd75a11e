"""The page about the platform itself: gathered here, drawn in `audit.pages`."""
