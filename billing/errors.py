from django.utils.translation import gettext_lazy as _

from config.errors import Conflict, Invalid, Misuse

# --- Payment methods ---


class InvalidPaymentMethod(Invalid, code="invalid_payment_method"):
    message = _("The payment method is invalid.")
    advice = "The message names the field that is missing, or too much for this type."


class PaymentMethodTaken(Conflict, code="payment_method_taken"):
    message = _("This customer has this payment method already.")
    advice = "Use the one that is there."
    field = "token"


class PaymentMethodRemoved(Misuse, code="payment_method_removed"):
    message = _("This payment method was removed.")
    advice = "Add it again if the customer pays with it."


class NotTheirs(Invalid, code="not_theirs"):
    message = _("This customer has no such payment method.")
    advice = "Name a payment method of the same customer, or none."
    field = "payment_method"


# --- Plans and subscriptions ---


class InvalidPlan(Invalid, code="invalid_plan"):
    message = _("The plan is invalid.")
    advice = "A plan has a name, a price of nothing or more, and a currency such as GBP."


class PlanArchived(Conflict, code="plan_archived"):
    message = _("This plan is archived. Restore it first.")
    advice = "Restore the plan, or choose another one."


class AlreadySubscribed(Conflict, code="already_subscribed"):
    message = _("This customer has this plan already.")
    advice = "Use the subscription that is there, or cancel it first."


class StartsInTheFuture(Invalid, code="starts_in_the_future"):
    message = _("A subscription begins today or has begun before.")
    advice = "Make it on the day on which it begins."
    field = "anchor_date"


class SubscriptionNotActive(Conflict, code="subscription_not_active"):
    message = _("This subscription is not active.")
    advice = "Look at its state: only an active one can be paused or suspended."


class SubscriptionNotPaused(Conflict, code="subscription_not_paused"):
    message = _("This subscription is not paused.")
    advice = "There is nothing to resume."


class SubscriptionNotSuspended(Conflict, code="subscription_not_suspended"):
    message = _("This subscription is not suspended.")
    advice = "There is nothing to reinstate."


class SubscriptionCancelled(Conflict, code="subscription_cancelled"):
    message = _("This subscription is cancelled.")
    advice = "Make a new one: a cancelled subscription does not come back."


class TooEarlyToCancel(Conflict, code="too_early_to_cancel"):
    message = _("This subscription cannot be cancelled yet.")
    advice = "Wait for the date that the message names."


# --- Invoices ---


class InvalidInvoice(Invalid, code="invalid_invoice"):
    message = _("The invoice is invalid.")
    advice = "The message names what does not add up."


class NoLines(InvalidInvoice):
    message = _("An invoice has at least one line.")
    field = "line_items"


class DiscountTooLarge(Invalid, code="discount_too_large"):
    message = _("The discount is more than the lines come to.")
    advice = "Take off no more than the subtotal."
    field = "discount"


class DueBeforeIssued(Invalid, code="due_before_issued"):
    message = _("An invoice is not due before the day of its issue.")
    advice = "Choose the day of issue or a later one, or none."
    field = "due_on"


class InvoiceExists(Conflict, code="invoice_exists"):
    message = _("There is an invoice with this external id already.")
    advice = "Use the invoice that is there."


class AlreadyIssued(Conflict, code="invoice_already_issued"):
    message = _("This invoice is issued already.")
    advice = "There is nothing left to do."


class InvoiceIsVoid(Conflict, code="invoice_void"):
    message = _("This invoice is void.")
    advice = "Make a new one: a void invoice does not come back."


class InvoiceIsDraft(Conflict, code="invoice_draft"):
    message = _("This invoice is a draft: issue it first.")
    advice = "Only an issued invoice can be paid."


class InvoiceIsPaid(Conflict, code="invoice_paid"):
    message = _("This invoice is paid.")
    advice = "Nothing is owed any more."


class InvoiceHasPayments(Conflict, code="invoice_has_payments"):
    message = _("Money has been taken for this invoice: refund it before you void it.")
    advice = "Refund its payments in full, then void it."


# --- Payments ---


class InvalidPayment(Invalid, code="invalid_payment"):
    message = _("The payment is invalid.")
    advice = "The message names the field that is not right."


class MoreThanOwed(Conflict, code="more_than_owed"):
    message = _("This is more than the invoice's balance.")
    advice = "Take no more than the balance."
    field = "amount"


class MoreThanTaken(Conflict, code="more_than_taken"):
    message = _("This is more than is left of the payment.")
    advice = "Give back no more than the payment brought, refunds before this one included."
    field = "amount"


class AlreadyRefunded(Conflict, code="already_refunded"):
    message = _("All of this payment was given back already.")
    advice = "There is nothing left to do."


class NotRefundable(Conflict, code="not_refundable"):
    message = _("Only a payment that succeeded can be refunded.")
    advice = "A refund or a payment that failed brought no money."
