"""Bookings, and what can be booked, in the back-office: pages in the order of the menu."""

# isort: off
from . import bookings
from . import dates
from . import events
from . import catalogue
from . import media
