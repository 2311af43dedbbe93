"""The back-office pages of bookings and of the catalogue, in the order of the menu."""

# isort: off
from . import bookings
from . import dates
from . import events
from . import catalogue
from . import media
