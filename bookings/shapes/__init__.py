"""The outputs and inputs of bookings and of the catalogue."""
