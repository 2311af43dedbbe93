"""The table of roles and money actions on the settings page of a company."""

from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from config.admin.tables import table_of
from config.money import show_money
from config.tenancy.companies import Company
from config.tenancy.money_permissions import MONEY_TABLE, MoneyAction, limit_in
from config.tenancy.permissions import Role


def money_table(company: Company) -> dict[str, Any]:
    """Return the table of which roles may do which money actions, and up to which limit."""
    return table_of(
        _("Who may do what with money"),
        (_("to do"), *(role.label for role in Role)),
        [
            (capfirst(action.label), *(_may(company, action, role) for role in Role))
            for action in MoneyAction
        ],
        note=_(
            "A limit holds for all that is given back of one payment, for all that is taken off "
            "one invoice, for one credit, whatever was paid for it, and for the goodwill of one "
            "person to one customer on one day."
        ),
    )


def _may(company: Company, action: MoneyAction, role: Role) -> str:
    if role not in MONEY_TABLE[action].roles:
        return _("No")
    limit = limit_in(company, action) if role == Role.FRONT_DESK else None
    if limit is None:
        return _("Yes")
    if not limit:
        return _("After approval") if action == MoneyAction.GOODWILL else _("No")
    text = _("Up to %(limit)s at once") if action == MoneyAction.GOODWILL else _("Up to %(limit)s")
    return text % {"limit": show_money(limit, company.currency)}
