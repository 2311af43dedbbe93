from django.utils.translation import gettext_lazy as _

from config.errors import Conflict, Invalid, Misuse


class UsedUp(Conflict, code="used_up"):
    message = _("This has been used up.")
    advice = "Use another credit or pass; the customer's eligibility names those that fit."


class Revoked(Conflict, code="revoked"):
    message = _("This has been revoked.")
    advice = "Use another credit or pass; the customer's eligibility names those that fit."


class Expired(Conflict, code="expired"):
    message = _("This has expired.")
    advice = "Use another credit or pass; the customer's eligibility names those that fit."


class EndsTooSoon(Conflict, code="ends_too_soon"):
    message = _("This ends before that begins.")
    advice = "Pay with a credit or a pass that ends later, with money, or by an invoice."


class NotEnough(Conflict, code="not_enough"):
    message = _("There is not enough left.")
    advice = "Ask for its balance, and use no more than that."


class OtherOffering(Conflict, code="other_offering"):
    message = _("This is good for something else.")
    advice = "Use a credit or a pass that is good for this offering."


class NotNeeded(Conflict, code="not_needed"):
    message = _("What ends sooner pays for all of it.")
    advice = "Nothing is wrong with it: it can be used for something else."


class OnePercentage(Conflict, code="one_percentage"):
    message = _("One percentage is taken off, not several.")
    advice = "Use the other percentage another time."


class OtherCurrency(Conflict, code="other_currency"):
    message = _("This is in another currency.")
    advice = "Use a credit in the currency of the price."


class ReferenceTaken(Conflict, code="reference_taken"):
    message = _("Something was used under this reference already.")
    advice = "If it was this very use, it has been written. Else choose another reference."
    field = "reference"


class AlreadyReversed(Conflict, code="already_reversed"):
    message = _("This use was given back already.")
    advice = "There is nothing left to give back."


class HasEnded(Conflict, code="has_ended"):
    message = _("This was revoked or has expired, so nothing can be given back to it.")
    advice = "Issue a new credit instead."


class CannotBeRevoked(Misuse, code="cannot_be_revoked"):
    message = _("This credit has been redeemed and cannot be revoked.")
    advice = "Only a credit with something left can be revoked."


class AmountMissing(Invalid, code="amount_missing"):
    message = _("Say how much of it to use.")
    advice = "A credit that is a balance of money is used in parts: send an amount."
    field = "amount"


class AmountNotTaken(Invalid, code="amount_not_taken"):
    message = _("This is used as a whole, so it takes no amount.")
    advice = "Leave the amount out: only a balance of money is used in parts."
    field = "amount"


class CouponArchived(Invalid, code="coupon_archived"):
    message = _("This coupon is archived.")
    advice = "Restore the coupon, or issue another."
    field = "coupon_id"


class CustomerGone(Invalid, code="customer_archived"):
    message = _("This customer is archived.")
    advice = "Restore the customer, then send the request again."
    field = "customer_id"


class ExpiryPast(Invalid, code="expiry_past"):
    message = _("This moment is in the past.")
    advice = "Give a moment that is still to come, a day from today on, or none."
    field = "expires_at"


class AboveYourLimit(Conflict, code="above_your_limit"):
    message = _("Front desk does not issue credits here. Ask an owner or a manager to issue it.")
    advice = "The company limits what front desk may give: owners and managers have no limit."
    field = "coupon_id"


class TermsUnclear(Invalid, code="terms_unclear"):
    message = _("Give exactly one of an amount, a percentage and an offering.")
    advice = "A coupon entitles to one thing."


class OutOfBounds(Invalid, code="out_of_bounds"):
    message = _("The number is out of bounds.")
    advice = "An amount is above zero, a percentage from 1 to 100, a pass has a visit or more."


class AmountMultiUse(Invalid, code="amount_multi_use"):
    message = _("An amount is used in parts; it cannot be used any number of times.")
    advice = "Leave multi_use out for an amount."
    field = "multi_use"


class CodeTaken(Conflict, code="coupon_code_taken"):
    message = _("Another coupon has this code.")
    advice = "Choose another code, or archive the other coupon."
    field = "code"


class PassArchived(Invalid, code="pass_archived"):
    message = _("This pass is archived and no longer sold.")
    advice = "Restore the pass, or sell another."
    field = "product"


class NothingAskedFor(Invalid, code="nothing_asked_for"):
    message = _("Name an offering, an amount, or both.")
    advice = "Eligibility is worked out for something that is to be paid."


class AlreadyGranted(Conflict, code="already_granted"):
    message = _("This period has granted its credit already.")
    advice = "There is nothing left to do."
