"""The outputs and inputs of billing."""
