"""Descriptions that several shapes of credits and passes share."""

COUPON_NAME = "The name of the coupon that staff and customers see."
COUPON_CODE = "The company's own code of the coupon, unique among coupons that are not archived"
COUPON_AMOUNT = (
    "The money that each credit starts with, in the smallest unit of the company's currency"
)
COUPON_PERCENTAGE = "What each credit takes off a price, in percent, from 1 to 100"
MULTI_USE = "Whether a credit can be used any number of times until it ends"

EXPIRES_AT = "It pays for what begins before this time; null: it has no end."
REVENUE = (
    "What the company was paid for the credit, in the smallest unit of the currency; null: "
    "nothing is recorded."
)
TIMES_REDEEMED = "How many times the credit was used; a use that was given back does not count."

EVERY = (
    "How often the plan grants the coupon: `billing_cycle` is once in each period of the "
    "subscription, `P0D` once in all, `P1M`, `P3M` and `P6M` every one, three and six months, "
    "`P1Y` every year."
)
ON_SIGN_UP = (
    "Whether the first credit is granted when the subscription begins; false: one period later."
)
ROLLS_OVER = (
    "Whether a credit stays valid after the period that it was granted for, as long as the "
    "coupon's `valid_for` says; false: it ends with that period."
)

REFERENCE = (
    "What was paid for: the reference that the client sent, or the id of the booking, the media "
    "purchase or the invoice."
)
NEW_REFERENCE = (
    "The client's own id of what is paid for, such as an order number. A second use of the same "
    "credit or pass under it is refused, so that a repeated request takes nothing twice."
)
USE_REASON = "Why the credit or the pass was used; null if no reason was given."
REVERSED_AT = "When the use was given back; null while it counts."
LEDGER_REASON = "The reason, which the ledger keeps."

LAST_DAY = "The last day on which it can be used, by the company's calendar; null: it has no end."
EVERY_OFFERING = "an empty list: for everything."

HOLDING_TYPE = "Whether it is a credit or a pass."
HOLDING_ID = "The id of the credit, `crd_…`, or of the customer's pass, `pkg_…`."
HOLDING_NAME = "The name of the coupon that was issued, or of the pass product that was bought."

KEEP_EXCESS = (
    "Whether money above what is owed becomes a credit of the customer. Default: false, which "
    "refuses such a payment."
)
