"""Services, events with dates, media, and the bookings of them.

`actions/booking.py` prices bookings, `actions/paying.py` takes their payment, and
`actions/winding_down.py` archives a customer together with all open rows.
"""
