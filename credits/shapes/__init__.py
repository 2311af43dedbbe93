"""The outputs and inputs of credits and passes."""
