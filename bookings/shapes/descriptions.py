"""Descriptions that several shapes of bookings and of the catalogue share."""

DESCRIPTION = "A longer text about it; null if there is none."
NEW_DESCRIPTION = "A longer text about it; null or empty for none."
FACILITATOR_NAME = "The facilitator's name, as bookings show it."
OPTION_NAME = "The name of the pricing option, such as `Adult`, which is unique within its event."

TIME_ZONE = "The company's time zone, an IANA name such as `Europe/London`."
LOCAL_BEGIN = "When it begins, in the time zone `tz` and without an offset: `2026-01-31T09:30:00`."
EVENT_BEGIN = "When the event begins. Without an offset it is in the company's time zone."
APPOINTMENT_BEGIN = (
    "When the appointment begins. Without an offset it is in the company's time zone."
)

CONFIGURATION = "Details of an appointment, under keys that the company chooses."
DEFAULT_CONFIGURATION = "The `configuration` that a booking of this service starts with."
LIMITS = "At most 100 keys, 16 kB and 5 levels."
APPOINTMENT_ADDRESS = (
    "The address at which the appointment takes place, one of the customer's that is not archived; "
    "null for none."
)
OPTION = "The pricing option of the places. Default: the first of the event."
SPACES = "How many people come. Default: 1."
NOTES = "What is to be noted about the booking; null or empty for nothing."

IS_REFUNDED = (
    "Whether what was paid has gone back: visits or a credit were given back, or the money was "
    "refunded."
)
LAST_DAY_OF_MEDIA = (
    "The last day on which the medium can be used, today or later. Absent or null: the medium's "
    "`valid_for` decides."
)
