"""Other people's data to tidy tables."""
