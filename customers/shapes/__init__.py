"""The outputs and inputs of customers."""
