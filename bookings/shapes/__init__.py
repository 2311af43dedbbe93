"""What is shown of bookings and what can be booked, and what is accepted."""
