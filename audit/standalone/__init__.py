"""Scripts that are handed to others: they import nothing of this project."""
