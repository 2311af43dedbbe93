"""Refusals that actions of any app can raise."""

from django.utils.translation import gettext_lazy as _

from config.errors import Conflict, Invalid, Misuse


class UnknownCompany(Invalid, code="unknown_company"):
    message = _("There is no such company.")


class NotAllowed(Conflict, code="not_allowed"):
    message = _("You may look here, and change nothing. Ask an owner or a manager to do it.")
    advice = "It is for staff of another role: an owner of the company decides who has which."
    is_for_staff = True


class NotYourRole(Conflict, code="not_your_role"):
    message = _("Your role may not do this. Ask an owner or a manager to do it.")
    advice = "A role may do with money what its company's page lists: ask somebody of another role."
    is_for_staff = True


class AboveRoleLimit(Conflict, code="above_your_limit"):
    message = _("This is above the limit of front desk. Ask an owner or a manager to do it.")
    advice = "The company limits what front desk may give: owners and managers have no limit."
    is_for_staff = True


class NoSuchTime(Invalid, code="no_such_time"):
    message = _("The clocks skip this time on that day. Choose an earlier or a later one.")
    advice = (
        "Clocks go forward that night. Send a time that they show, or a time with its offset "
        "from UTC."
    )


class TimeTwice(Invalid, code="time_twice"):
    message = _("The clocks show this time twice on that day. Say which, with an offset such as Z.")
    advice = "Clocks go back that night. Send the time with its offset from UTC."


class AlreadyArchived(Misuse, code="already_archived"):
    message = _("This is archived already.")
    advice = "Treat the request as done. To change it, restore it first."


class NotArchived(Misuse, code="not_archived"):
    message = _("This is not archived.")
    advice = "Treat the request as done: it can be used as it is."


class AlreadyMade(Conflict, code="already_made"):
    message = _(
        "Somebody replaced this secret after you opened the page, and was shown the new one. "
        "Open the page again to replace that one."
    )
    advice = "Open the page again before you replace the secret: replacing it stops the new one."
    is_for_staff = True
