from django.utils.translation import gettext_lazy as _

from config.errors import Conflict, Invalid, Misuse


class CustomerArchived(Conflict, code="customer_archived"):
    message = _("This customer is archived and cannot be changed. Restore the customer first.")
    advice = (
        "Restore the customer, then send the request again. What is open can be brought to its end "
        "without: a booking cancelled, completed or marked as a no-show, an invoice paid, voided "
        "or refunded, a subscription or a purchase of media cancelled, a redemption reversed."
    )


class CustomerAlreadyArchived(Misuse, code="customer_already_archived"):
    message = _("This customer is archived already.")
    advice = "There is nothing left to do."


class CustomerNotArchived(Misuse, code="customer_not_archived"):
    message = _("This customer is not archived.")
    advice = "There is nothing to restore."


class ExternalIdTaken(Conflict, code="external_id_taken"):
    message = _("Another customer has this external id.")
    advice = "Find the customer that has it; change or archive that one, or use another id."
    field = "external_id"


class IdentifiesNobody(Invalid, code="identifies_nobody"):
    message = _("Give at least a name, a legal name, an e-mail address or an external id.")
    advice = "A customer needs something to be known by."


class NameMissing(Invalid, code="name_missing"):
    message = _("Give a first or a last name.")
    advice = "A customer that an app creates needs a name that people can call them by."
    field = "first_name"


class Unreachable(Invalid, code="unreachable"):
    message = _("Give an e-mail address or a phone number.")
    advice = "A customer that an app creates needs a way to be reached."
    field = "email"


class UserEmailTaken(Conflict, code="user_email_taken"):
    message = _("This customer has a user with this e-mail address already.")
    advice = "Use the user that is there, or another address."
    field = "email"


class UserIdentifiesNobody(Invalid, code="user_identifies_nobody"):
    message = _("Give an e-mail address, a first name or a last name.")
    advice = "A user needs something to be known by."


class InvalidPreference(Invalid, code="invalid_preference"):
    message = _("This preference cannot have this value.")
    advice = "preferred_contact is text, marketing_opt_in is true or false."


class AlreadyPaused(Misuse, code="customer_already_paused"):
    message = _("This customer is paused already.")
    advice = "There is nothing left to do."


class NotPaused(Misuse, code="customer_not_paused"):
    message = _("This customer is not paused.")
    advice = "There is nothing to resume."


class EmptyNote(Invalid, code="empty_note"):
    message = _("Write something in the note.")
    advice = "A note needs text."
    field = "content"
