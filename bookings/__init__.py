"""Services, events with dates, media, and the bookings of them.

How a booking is priced and paid stands in `actions/booking.py` and `actions/paying.py`; archiving a
customer together with all that is open in `actions/winding_down.py`.
"""
