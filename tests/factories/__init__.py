"""Factories of rows; they call the actions, with plausible values for the fields."""

from .booked import (
    MORNING,
    AFacilitator,
    AMediaPurchase,
    AMedium,
    AnAppointment,
    AnEvent,
    AnEventDate,
    APlace,
    AService,
)
from .hooked import ADelivery, AWebhook
from .noted import AnApiRequest
from .owed import (
    AContactPoint,
    ACoupon,
    ACredit,
    ACustomer,
    ADuplicate,
    AGoodwill,
    AnAddress,
    AnErasure,
    AnInvoice,
    ANote,
    APass,
    APayment,
    APaymentMethod,
    APlan,
    ASubscription,
    AUser,
)
from .people import PASSWORD, act, make_api_client, make_api_key, make_company, make_staff
