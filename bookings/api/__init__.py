"""Bookings, what can be booked, and media (contract, sections 1 and 2)."""
