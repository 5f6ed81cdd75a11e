"""What happens to rows? Spark only: DataFrame to DataFrame, and the one door to Delta tables."""
