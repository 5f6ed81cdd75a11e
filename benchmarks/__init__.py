"""What does it cost? Each figure is a ratio to what plain Spark and Delta do with the same rows."""
