from django.utils.translation import gettext_lazy as _

from config.errors import Conflict, Invalid, Misuse

# --- Payment methods ---


class InvalidPaymentMethod(Invalid, code="invalid_payment_method"):
    message = _("The payment method is invalid.")
    advice = "Correct the field that the message names: each type needs, and takes, other fields."


class PaymentMethodTaken(Conflict, code="payment_method_taken"):
    message = _("This customer already has a payment method with this token. Use that one.")
    advice = "List the payment methods of the customer and use the one that has the token."
    field = "token"


class PaymentMethodRemoved(Misuse, code="payment_method_removed"):
    message = _("This payment method is archived. Restore it first.")
    advice = "Restore the payment method if the customer pays with it again."


class NotTheirs(Invalid, code="not_theirs"):
    message = _("This customer has no such payment method. Name one of the same customer.")
    advice = "Name a payment method of the customer who pays, or none."
    field = "payment_method"


# --- Plans and subscriptions ---


class InvalidPlan(Invalid, code="invalid_plan"):
    message = _("The plan is invalid.")
    advice = "A plan has a name, a price of nothing or more, and a currency such as GBP."


class PlanArchived(Conflict, code="plan_archived"):
    message = _("This plan is archived. Restore it first.")
    advice = "Restore the plan, or name another one."


class AlreadySubscribed(Conflict, code="already_subscribed"):
    message = _(
        "This customer already has a subscription to this plan. Use that one, or cancel it first."
    )
    advice = "Use the subscription that is there, or cancel it before you make another."


class StartsInTheFuture(Invalid, code="starts_in_the_future"):
    message = _("A subscription cannot begin in the future. Send today or an earlier day.")
    advice = "Send today or an earlier day, or make the subscription on the day on which it begins."
    field = "anchor_date"


class SubscriptionNotActive(Conflict, code="subscription_not_active"):
    message = _("This subscription is not active. Resume or reinstate it first.")
    advice = (
        "Read the subscription: only an active one can be paused, and a suspended one cannot be "
        "suspended again."
    )


class PauseEndsTooSoon(Invalid, code="pause_ends_too_soon"):
    message = _("A pause ends on a day after today. Send a later day, or none.")
    advice = (
        "Send a day from tomorrow on, by the company's calendar, or none for a pause without end."
    )
    field = "until"


class PauseUnexplained(Invalid, code="pause_unexplained"):
    message = _("Say why the subscription is paused. Give a reason.")
    advice = "Send `reason`: it is shown with the subscription while it is paused, and kept after."
    field = "reason"


class SubscriptionNotPaused(Conflict, code="subscription_not_paused"):
    message = _("This subscription is not paused. Leave it as it is.")
    advice = "Read the subscription: only a paused one can be resumed."


class SubscriptionNotSuspended(Conflict, code="subscription_not_suspended"):
    message = _("This subscription is not suspended. Leave it as it is.")
    advice = "Read the subscription: only a suspended one can be reinstated."


class SubscriptionCancelled(Conflict, code="subscription_cancelled"):
    message = _("This subscription is cancelled for good. Make a new one.")
    advice = "Make a new subscription: a cancelled one does not come back."


class TooEarlyToCancel(Conflict, code="too_early_to_cancel"):
    message = _("This subscription cannot be cancelled yet. Cancel it later.")
    advice = "Cancel on the day that the message names, or later."


# --- Invoices ---


class InvalidInvoice(Invalid, code="invalid_invoice"):
    message = _("The invoice is invalid.")
    advice = "Correct the field that the message names."


class NoLines(InvalidInvoice):
    message = _("An invoice needs at least one line.")
    field = "line_items"


class DiscountTooLarge(Invalid, code="discount_too_large"):
    message = _("The discount is more than the lines come to. Take off no more than the subtotal.")
    advice = "Send a discount from 0 to the sum of the lines."
    field = "discount"


class DueBeforeIssued(Invalid, code="due_before_issued"):
    message = _("The due date is before the day of issue. Choose the day of issue or a later one.")
    advice = "Send the day of issue or a later one, or no due date."
    field = "due_on"


class InvoiceExists(Conflict, code="invoice_exists"):
    message = _("Another invoice has this external id. Use that one.")
    advice = "Use the invoice that has the external id, or send another external id."


class AlreadyIssued(Conflict, code="invoice_already_issued"):
    message = _("This invoice is issued already. To change it, void it and make another.")
    advice = (
        "Treat the request as done. An issued invoice is not changed: void it and make another."
    )


class InvoiceIsVoid(Conflict, code="invoice_void"):
    message = _("This invoice is void. Make a new one.")
    advice = "Make a new invoice: a void one does not come back."


class InvoiceIsDraft(Conflict, code="invoice_draft"):
    message = _("This invoice is a draft. Issue it first.")
    advice = "Issue the invoice, then take the payment."


class InvoiceIsPaid(Conflict, code="invoice_paid"):
    message = _("This invoice is paid: nothing is owed any more.")
    advice = (
        "Record money for another purpose without an invoice, or refund the payment that was "
        "too much. To take something off a paid invoice, refund a payment of it."
    )


class InvoiceHasPayments(Conflict, code="invoice_has_payments"):
    message = _("Money has been taken for this invoice. Refund it before you void the invoice.")
    advice = "Refund the payments of the invoice in full, then void it."


# --- Payments ---


class InvalidPayment(Invalid, code="invalid_payment"):
    message = _("The payment is invalid.")
    advice = "Correct the field that the message names."


class NothingToPay(Invalid, code="nothing_to_pay"):
    message = _("This costs nothing, so nothing pays for it. Leave out what it is paid with.")
    advice = "Sell what is free without a payment."
    field = "payments"


class MoreThanOwed(Conflict, code="more_than_owed"):
    message = _("This is more than the invoice's balance. Send up to the balance.")
    advice = "Send an amount up to the balance of the invoice."
    field = "amount"
    # The balance, formatted as money.
    left = ""


class MoreThanTaken(Conflict, code="more_than_taken"):
    message = _("This is more than is left of the payment. Send up to what is left.")
    advice = "Send an amount up to what the payment brought, less the refunds before this one."
    field = "amount"


class AlreadyRefunded(Conflict, code="already_refunded"):
    message = _("All of this payment was refunded already. Leave it as it is.")
    advice = "Treat the request as done: nothing of the payment is left to refund."


class NotRefundable(Conflict, code="not_refundable"):
    message = _("Only a payment that succeeded can be refunded. Name another payment.")
    advice = "Name a payment that succeeded. A refund, or a payment that failed, brought no money."


# --- Credit notes ---


class InvalidCreditNote(Invalid, code="invalid_credit_note"):
    message = _("The credit note is invalid.")
    advice = "Correct the field that the message names."


class NoReason(InvalidCreditNote):
    message = _("Must not be blank. Send why less is to be paid.")
    field = "reason"
