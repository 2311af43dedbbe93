from django.utils.translation import gettext_lazy as _

from config.errors import Conflict, Invalid, Misuse, Outdated


class CustomerArchived(Conflict, code="customer_archived"):
    message = _("This customer is archived and cannot be changed. Restore the customer first.")
    advice = (
        "Restore the customer, then send the request again. What is open can be brought to its end "
        "without: a booking cancelled, completed or marked as a no-show, an invoice paid, voided "
        "or refunded, a subscription or a purchase of media cancelled, a redemption reversed."
    )


class CustomerErased(Conflict, code="customer_erased"):
    message = _("This customer was erased. Nothing is left of the person, and it stays so.")
    advice = "Create another customer, if the person is a customer again."


class ErasureWaiting(Conflict, code="erasure_waiting"):
    message = _("The erasure of this customer is requested already.")
    advice = "Wait until it is due, or cancel the erasure that waits and request another."


class ErasureTooSoon(Invalid, code="erasure_too_soon"):
    message = _("An erasure waits at least as long as the company has set, and at most 30 days.")
    advice = "Send as many days as the message allows, or leave them out."
    field = "waiting_days"


class ErasureOver(Conflict, code="erasure_over"):
    message = _("This erasure does not wait any more: it was done or cancelled.")
    advice = "Read the erasure. What was erased cannot be brought back."


class WorkUnderWay(Conflict, code="work_under_way"):
    message = _("Background work of the company is under way, whose files may have the person.")
    advice = "Nothing is to be done: the erasure is tried again until the work is done."
    is_for_staff = True


class CustomerAlreadyArchived(Misuse, code="customer_already_archived"):
    message = _("This customer is archived already.")
    advice = "Treat the request as done. To use the customer again, restore it."


class CustomerNotArchived(Misuse, code="customer_not_archived"):
    message = _("This customer is not archived.")
    advice = "Treat the request as done: the customer can be used as it is."


class ExternalIdTaken(Conflict, code="external_id_taken"):
    message = _("Another customer has this external id.")
    advice = (
        "Read the customer that has it. Change or archive that one, or send another external id."
    )
    field = "external_id"


class IdentifiesNobody(Invalid, code="identifies_nobody"):
    message = _("Give at least a name, a legal name, an e-mail address or an external id.")
    advice = "Send at least one of the fields that the message names."


class NameMissing(Invalid, code="name_missing"):
    message = _("Give a first name, a last name or the name of an organisation.")
    advice = (
        "Send `first_name`, `last_name` or `name`, not blank. A customer of an app needs a name to "
        "be called by."
    )
    field = "first_name"


class Unreachable(Invalid, code="unreachable"):
    message = _("Give an e-mail address or a phone number.")
    advice = (
        "Send an e-mail address or a phone number. A customer of an app needs a way to be reached."
    )
    field = "email"


class NotAPhone(Invalid, code="not_a_phone"):
    message = _("Give a phone number such as +44 20 7946 0018.")
    advice = "Send a number with its country code, `+44 20 7946 0018` say, or null for none."
    field = "phone"


class UserEmailTaken(Conflict, code="user_email_taken"):
    message = _("This customer has a user with this e-mail address already.")
    advice = "Use the user who has the address, or send another address."
    field = "email"


class UserIdentifiesNobody(Invalid, code="user_identifies_nobody"):
    message = _("Give an e-mail address, a first name or a last name.")
    advice = "Send at least one of the fields that the message names."


class InvalidPreference(Invalid, code="invalid_preference"):
    message = _("This preference cannot have this value.")
    advice = (
        "Send preferred_contact as text and marketing_opt_in as true or false; other keys are free."
    )


class AlreadyPaused(Misuse, code="customer_already_paused"):
    message = _("This customer is paused already.")
    advice = "Treat the request as done. To use the customer again, resume it."


class NotPaused(Misuse, code="customer_not_paused"):
    message = _("This customer is not paused.")
    advice = "Treat the request as done: the customer is active."


class InvalidTags(Invalid, code="invalid_tags"):
    message = _("These tags cannot be stored.")
    advice = "Send at most 50 tags of 1 to 60 characters each."
    field = "tags"


class InvalidBirthday(Invalid, code="invalid_birthday"):
    message = _("Give a day such as 1990-05-04, or --05-04 without the year.")
    advice = (
        "Send a day that there was, `1990-05-04`, or `--05-04` where the year is not known; null "
        "takes the birthday away."
    )
    field = "birthday"


class InvalidContactPoint(Invalid, code="invalid_contact_point"):
    message = _("Give an e-mail address or a phone number.")
    advice = (
        "Send `kind` as email with an address such as `ann@example.com`, or as phone with a number "
        "that has a digit."
    )
    field = "value"


class ContactPointTaken(Conflict, code="contact_point_taken"):
    message = _("This customer is reached in this way already.")
    advice = (
        "Use the contact point that has the address or number, or the customer's own `email` and "
        "`phone`. To move a contact point to the customer, change the customer: the contact point "
        "is archived."
    )
    field = "value"


class TooManyContactPoints(Conflict, code="too_many_contact_points"):
    message = _("A customer has at most 50 contact points. Archive one first.")
    advice = "Archive contact points that nobody uses any more, then send the request again."


class EmptyNote(Invalid, code="empty_note"):
    message = _("The note has no text. Send some.")
    advice = "Send `content` with at least one letter that is no blank."
    field = "content"


class PossibleDuplicate(Conflict, code="possible_duplicate"):
    message = _("A customer who is likely the same person is there already.")
    advice = (
        "Read the customers that `candidates` names and use the right one. If it is somebody else, "
        "send the request again with the header `Refuse-Duplicates: false` and, where it had an "
        "Idempotency-Key, a new one. The guide's page on duplicates says how the score comes about."
    )


class AlreadyDismissed(Misuse, code="duplicate_already_dismissed"):
    message = _("Somebody has said already that these two are not the same.")
    advice = "Treat the request as done. To take it back, reopen the pair."


class NotDismissed(Misuse, code="duplicate_not_dismissed"):
    message = _("Nobody has said that these two are not the same.")
    advice = "Treat the request as done: the pair is among those to look at."


class CustomerMerged(Conflict, code="customer_merged"):
    message = _(
        "This customer was merged, or a merge of it was undone, at this moment. Send it again."
    )
    advice = (
        "Send the request again: the id of the merged customer means the one that stayed. Read "
        "`merged_into` or the header `Merged-Into` for its id."
    )


class MergesWithItself(Invalid, code="merges_with_itself"):
    message = _("A customer cannot be merged into itself. Name another one.")
    advice = "Send the id of another customer as `merged_customer_id`."
    field = "merged"


class InvalidMergeChoice(Invalid, code="invalid_merge_choice"):
    message = _("Choose kept or merged for a field in which the two differ.")
    advice = (
        "Send `choices` with names from `fields_that_differ` of a dry run, each with `kept` or "
        '`merged`: `{"email": "merged"}`.'
    )
    field = "choices"


class CustomersClash(Conflict, code="customers_clash"):
    message = _("Both customers have something that only one of them may have.")
    advice = (
        "Read the message: it names what both have. Bring one of the two to its end, then send the "
        "request again."
    )


class MergePlanChanged(Outdated, code="merge_plan_changed"):
    message = _("One of the two customers has changed since the merge was shown. Look again.")
    advice = "Ask for the merge with `dry_run=true` again, decide anew, and send the new `plan`."
    field = "plan"


class MergeNotUndoable(Conflict, code="merge_not_undoable"):
    message = _("This merge cannot be undone.")
    advice = (
        "Read the message: it names what was changed since the merge. A later merge can be undone "
        "first; anything else stays as it is, and is corrected by hand."
    )
