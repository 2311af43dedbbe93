from django.utils.translation import gettext_lazy as _

from config.errors import Conflict, Invalid, Misuse


class SlugTaken(Conflict, code="slug_taken"):
    message = _("Another company has this short name.")
    field = "slug"


class CompanyAlreadyArchived(Misuse, code="company_already_archived"):
    message = _("This company is archived already.")


class CompanyNotArchived(Misuse, code="company_not_archived"):
    message = _("This company is not archived.")


class CurrencyFixed(Conflict, code="currency_fixed"):
    message = _("The currency stays as it is, since there are amounts in it. Open another company.")
    advice = "Prices, invoices and credits keep the currency that they were made in."
    field = "currency"


class LastOwner(Conflict, code="last_owner"):
    message = _("This is the company's last owner. Make somebody else an owner first.")
    advice = "A company always has an owner who can sign in."


class HasComeIn(Conflict, code="has_come_in"):
    message = _(
        "They have a password. Whoever forgets theirs asks for a new one where they sign in."
    )
    advice = "Nobody renews the password of a colleague."


class LocksYouOut(Conflict, code="locks_you_out"):
    message = _("You cannot take away your own way in. Ask another superuser to do it.")


class EmailTaken(Conflict, code="staff_email_taken"):
    message = _("Someone already works for this company with this e-mail address.")
    field = "email"


class NoSecondFactor(Misuse, code="no_second_factor"):
    message = _("They have no second factor: they sign in with the password alone.")


class YourOwnFactor(Conflict, code="your_own_second_factor"):
    message = _(
        "This is your own second factor: replace it on your page “Second factor”, or ask a "
        "colleague to reset it."
    )


class WorksElsewhere(Conflict, code="works_elsewhere"):
    message = _(
        "They work for another company too, whose record this second factor guards: ask a "
        "superuser to reset it."
    )


class NotLockedOut(Misuse, code="not_locked_out"):
    message = _("They are not locked out: they may sign in now.")


class UnknownStaff(Invalid, code="unknown_staff"):
    message = _("Nobody signs in with this e-mail address.")


class UnknownScope(Invalid, code="unknown_scope"):
    message = _("There is no such scope.")
    field = "scopes"


class UnknownCredential(Invalid, code="unknown_credential"):
    message = _("There is no such API client or key.")


class AlreadySuspended(Misuse, code="client_already_suspended"):
    message = _("This API client is suspended already.")


class NotSuspended(Misuse, code="client_not_suspended"):
    message = _("This API client is not suspended.")


class AlreadyRevoked(Misuse, code="key_already_revoked"):
    message = _("This API key is revoked already.")


class TooManyKeys(Conflict, code="too_many_keys"):
    message = _("This integration has two live keys already. Revoke one before you make another.")
