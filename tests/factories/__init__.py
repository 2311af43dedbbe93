"""What tests build their records with: the actions themselves, with plausible words filled in."""

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
from .owed import (
    ACoupon,
    ACredit,
    ACustomer,
    AnAddress,
    AnInvoice,
    ANote,
    APass,
    APayment,
    APaymentMethod,
    APlan,
    ASubscription,
    AUser,
)
from .people import PASSWORD, make_company, make_staff

__all__ = [
    "MORNING",
    "PASSWORD",
    "ACoupon",
    "ACredit",
    "ACustomer",
    "ADelivery",
    "AFacilitator",
    "AMediaPurchase",
    "AMedium",
    "ANote",
    "APass",
    "APayment",
    "APaymentMethod",
    "APlace",
    "APlan",
    "AService",
    "ASubscription",
    "AUser",
    "AWebhook",
    "AnAddress",
    "AnAppointment",
    "AnEvent",
    "AnEventDate",
    "AnInvoice",
    "make_company",
    "make_staff",
]
