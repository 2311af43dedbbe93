"""What is shown of customers, and what is accepted."""
