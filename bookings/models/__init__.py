"""Services, facilitators, events and their dates, media, and their bookings."""

from .bookings import APPOINTMENT, BOOKING, PLACE, Booking
from .catalogue import Facilitator, Service
from .engagements import Engagement
from .events import OPTION_OF_PLACE, Event, EventDate, PricingOption
from .late import LateCancellation
from .media import Media, MediaPurchase
from .transactions import Transaction

type AnyPayable = Booking | MediaPurchase
