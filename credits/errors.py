from django.utils.translation import gettext_lazy as _

from config.errors import Conflict, Invalid, Misuse


class UsedUp(Conflict, code="used_up"):
    message = _("This credit or pass has been used up. Use another.")
    advice = "Use another one: the customer's eligibility names those that fit."


class Revoked(Conflict, code="revoked"):
    message = _("This credit or pass has been revoked. Use another.")
    advice = "Use another one: the customer's eligibility names those that fit."


class Expired(Conflict, code="expired"):
    message = _("This credit or pass has expired. Use another.")
    advice = "Use another one: the customer's eligibility names those that fit."


class EndsTooSoon(Conflict, code="ends_too_soon"):
    message = _("This credit or pass ends before the booking begins. Use another.")
    advice = "Pay with one that ends later, with money, or by an invoice."


class NotEnough(Conflict, code="not_enough"):
    message = _("Not enough is left of this credit or pass. Use no more than is left.")
    advice = "Read its balance, and use no more than that."


class OtherOffering(Conflict, code="other_offering"):
    message = _("This credit or pass is good for other offerings. Use another.")
    advice = "Use a credit or a pass for this offering, or one that is good for everything."


class NotNeeded(Conflict, code="not_needed"):
    message = _("A credit or pass that ends sooner pays for all of it.")
    advice = "Nothing is wrong with this one: keep it for another booking."


class OnePercentage(Conflict, code="one_percentage"):
    message = _("Only one percentage is taken off a price, and another one is used.")
    advice = "Use the other percentage another time."


class OtherCurrency(Conflict, code="other_currency"):
    message = _("This credit is in another currency than the price. Use one in the same currency.")
    advice = "Use a credit in the currency of the price."


class ReferenceTaken(Conflict, code="reference_taken"):
    message = _("Something was used under this reference already. Send another reference.")
    advice = "If it was this very use, it has been recorded. Otherwise send another reference."
    field = "reference"


class AlreadyReversed(Conflict, code="already_reversed"):
    message = _("This use was reversed already. Nothing is left to give back.")
    advice = "Treat the request as done: nothing is left to give back."


class PaidOut(Conflict, code="paid_out"):
    message = _("This was paid out to the customer by a refund, so it cannot be given back.")
    advice = "Leave it as it is: the reference names the refund that paid it out."


class KeptCreditUsed(Conflict, code="kept_credit_used"):
    message = _("This payment was kept as a credit, and all of the credit is used. Leave it as is.")
    advice = "Refund up to what is left of the credit, or give back the uses of the credit first."
    field = "amount"


class HasEnded(Conflict, code="has_ended"):
    message = _(
        "This credit or pass was revoked or has expired, so nothing can be given back to it. Issue "
        "or sell a new one."
    )
    advice = "Issue a new credit instead."


class CannotBeRevoked(Misuse, code="cannot_be_revoked"):
    message = _("This credit has been redeemed and cannot be revoked.")
    advice = (
        "Only a credit or pass with something left, of a customer who is not archived, can be "
        "revoked."
    )


class NotTheirHolding(Invalid, code="not_their_holding"):
    message = _("The customer who pays has no such pass or credit. Name one of that customer.")
    advice = "Name a pass or a credit of the customer who pays."


class AmountMissing(Invalid, code="amount_missing"):
    message = _("This credit is a balance of money. Send the amount to use.")
    advice = "Send `amount`, up to the balance of the credit."
    field = "amount"


class AmountNotTaken(Invalid, code="amount_not_taken"):
    message = _("This credit is used as a whole. Leave the amount out.")
    advice = "Leave `amount` out: only a balance of money is used in parts."
    field = "amount"


class CouponArchived(Invalid, code="coupon_archived"):
    message = _("This coupon is archived. Restore it, or name another.")
    advice = "Restore the coupon, or issue another one."
    field = "coupon_id"


class CustomerGone(Invalid, code="customer_archived"):
    message = _("This customer is archived. Restore the customer first.")
    advice = "Restore the customer, then send the request again."
    field = "customer_id"


class ExpiryPast(Invalid, code="expiry_past"):
    message = _("This moment is in the past. Send a later one, or none.")
    advice = "Send a moment that is still to come, a day from today on, or none."
    field = "expires_at"


class AlreadyDecided(Conflict, code="goodwill_decided"):
    message = _("This goodwill was approved or refused already. Leave it as it is.")
    advice = "Read the goodwill: its `status` says what was decided."


class SecondPersonNeeded(Conflict, code="second_person_needed"):
    message = _("You asked for this goodwill yourself. Somebody else approves or refuses it.")
    advice = "Goodwill above the limit of the person who asks is decided on by somebody else."
    is_for_staff = True


class ReasonMissing(Invalid, code="reason_missing"):
    message = _("Say why: what is given has a reason.")
    advice = "Send the reason: it stands in the ledger beside what was given."
    field = "reason"


class TermsUnclear(Invalid, code="terms_unclear"):
    message = _(
        "A coupon entitles to one thing: send exactly one of amount, percentage and offering."
    )
    advice = "Send exactly one of `amount`, `percentage` and `offering`."


class OutOfBounds(Invalid, code="out_of_bounds"):
    message = _("The number is out of bounds.")
    advice = "Send a number within the bounds that the message names."


class AmountMultiUse(Invalid, code="amount_multi_use"):
    message = _("A coupon for an amount is used in parts: leave multi_use out.")
    advice = "Leave `multi_use` out, or send false, for a coupon with an amount."
    field = "multi_use"


class CodeTaken(Conflict, code="coupon_code_taken"):
    message = _("Another coupon has this code. Choose another code.")
    advice = "Send another code, or archive the coupon that has it."
    field = "code"


class PassArchived(Invalid, code="pass_archived"):
    message = _("This pass is archived and no longer sold. Restore it, or sell another.")
    advice = "Restore the pass, or name another one."
    field = "product"


class NothingAskedFor(Invalid, code="nothing_asked_for"):
    message = _("Send a service, an amount, or both.")
    advice = (
        "Send the name of a service, an amount, or both: eligibility is worked out for a price."
    )


class AlreadyGranted(Conflict, code="already_granted"):
    message = _("This period has granted its credit already.")
    advice = "Treat the request as done: a rule grants once for each period."
