"""What staff have done to many rows of a list at once, in the background."""
