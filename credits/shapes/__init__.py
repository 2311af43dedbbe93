"""What is shown of credits and passes, and what is accepted."""
