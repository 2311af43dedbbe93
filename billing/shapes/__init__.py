"""What is shown of billing, and what is accepted."""
