"""Every write to services, facilitators, events, bookings and media."""

from .booking import book_appointment, book_places, book_places_apart, change_booking
from .bringing_back import Restoration, bring_back_customer, forecast_restoration
from .catalogue import (
    change_facilitator,
    change_media,
    change_service,
    create_facilitator,
    create_media,
    create_service,
)
from .events import (
    add_event_date,
    add_pricing_option,
    archive_pricing_option,
    cancel_event_date,
    change_event,
    create_event,
    move_event_date,
    restore_pricing_option,
)
from .lifecycle import (
    cancel_booking,
    check_in_booking,
    complete_attended,
    complete_booking,
    miss_booking,
    reopen_booking,
    start_booking,
)
from .media import cancel_media_purchase, pay_media, sell_media
from .paying import Means, Parts, pay_booking, pay_invoice, pay_invoices
from .till import Sale, take_sale
from .winding_down import open_items, wind_down_customer
