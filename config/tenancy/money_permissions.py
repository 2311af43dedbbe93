"""The table of which roles may do which money actions; actions check it, not pages.

It applies to staff only. Scopes limit API clients and keys; nothing limits background work.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.errors import Refusal
from config.money import show_money

from .actors import Actor
from .companies import Company
from .errors import AboveRoleLimit, NotAllowed, NotYourRole
from .permissions import DESK, OFFICE, Role


class MoneyAction(TextChoices):
    """An action that changes money or debts."""

    TAKE_PAYMENT = "take_payment", gettext_lazy("take a payment")
    REFUND = "refund", gettext_lazy("refund a payment")
    VOID = "void", gettext_lazy("void an invoice")
    REDUCE = "reduce", gettext_lazy("reduce an invoice")
    WRITE_OFF = "write_off", gettext_lazy("write off what will not be paid")
    WAIVE_FEE = "waive_fee", gettext_lazy("waive what a late cancellation costs")
    ISSUE_CREDIT = "issue_credit", gettext_lazy("issue a credit")
    GOODWILL = "goodwill", gettext_lazy("give goodwill")
    CHANGE_PRICES = "change_prices", gettext_lazy("change a price")


@dataclass(frozen=True)
class MoneyRule:
    """The roles that may do a money action, and the limit for front desk, if there is one.

    `limit` names the field of the company with the largest amount that front desk may give: in one
    credit (regardless of its price), in total for one payment or one invoice, and as goodwill in
    total from one person to one customer per day. An empty field means no limit, and 0 forbids the
    action.
    """

    roles: frozenset[Role]
    limit: str = ""


_NO_LIMIT = MoneyRule(DESK)
_REFUND_LIMIT = MoneyRule(DESK, "refund_limit")
_CREDIT_LIMIT = MoneyRule(DESK, "credit_limit")

MONEY_TABLE: Mapping[MoneyAction, MoneyRule] = {
    MoneyAction.TAKE_PAYMENT: _NO_LIMIT,
    MoneyAction.REFUND: _REFUND_LIMIT,
    MoneyAction.VOID: _REFUND_LIMIT,
    MoneyAction.REDUCE: _REFUND_LIMIT,
    MoneyAction.WRITE_OFF: MoneyRule(OFFICE),
    MoneyAction.WAIVE_FEE: _REFUND_LIMIT,
    MoneyAction.ISSUE_CREDIT: _CREDIT_LIMIT,
    MoneyAction.GOODWILL: _CREDIT_LIMIT,
    MoneyAction.CHANGE_PRICES: MoneyRule(OFFICE),
}

# A change of one of these fields is a change of a price.
PRICE_FIELDS = frozenset({"price", "subtotal", "discount", "tax_rate", "tax_behavior", "currency"})


def check_money_action(
    actor: Actor,
    action: MoneyAction,
    amount: int | None = None,
    *,
    before: int = 0,
    currency: str = "",
    field: str = "",
) -> None:
    """Raise NotAllowed, NotYourRole or AboveRoleLimit unless the actor may do a money action.

    `amount` is in the smallest unit of `currency`, by default the company's; without an amount,
    only a limit of 0 refuses. `before` is the earlier amount that counts towards the same limit,
    such as previous refunds of the payment. `field` is the field that the refusal names.
    """
    if refusal := refused_money_action(actor, action, amount, before=before, currency=currency):
        if field:
            refusal.fields = {field: refusal.text}
        raise refusal


def refused_money_action(
    actor: Actor,
    action: MoneyAction,
    amount: int | None = None,
    *,
    before: int = 0,
    currency: str = "",
) -> Refusal | None:
    """Return the refusal of `check_money_action`, None if the actor may do it."""
    if not actor.is_staff:
        return None
    if actor.role not in DESK:
        return NotAllowed()
    if actor.role not in MONEY_TABLE[action].roles:
        return _not_your_role(actor, action)
    company = limiting_company(actor, action)
    if company is None:
        return None
    return refused_by_limit(company, action, amount, before=before, currency=currency)


def limiting_company(actor: Actor, action: MoneyAction) -> Company | None:
    """Return the company if its limit on a money action applies to the actor, else None."""
    limit = MONEY_TABLE[action].limit
    if not (limit and actor.is_staff and actor.role == Role.FRONT_DESK):
        return None
    company = Company.objects.only(limit, "currency").get(pk=actor.company_id)
    return None if limit_in(company, action) is None else company


def limit_in(company: Company, action: MoneyAction) -> int | None:
    """Return the limit for front desk on a money action, in the company's currency."""
    field = MONEY_TABLE[action].limit
    return getattr(company, field) if field else None


def check_price_change(actor: Actor, changed: Iterable[str]) -> None:
    """Raise as `check_money_action` does if a changed field is in PRICE_FIELDS."""
    if not PRICE_FIELDS.isdisjoint(changed):
        check_money_action(actor, MoneyAction.CHANGE_PRICES)


def refused_by_limit(
    company: Company,
    action: MoneyAction,
    amount: int | None,
    *,
    before: int = 0,
    currency: str = "",
) -> AboveRoleLimit | None:
    """Return the refusal if an amount is above the company's limit for front desk, else None.

    The company must have a limit.
    """
    currency = currency or company.currency
    limit = limit_in(company, action)
    assert limit is not None
    if not limit:
        text = _("Front desk may not %(action)s here. Ask an owner or a manager to do it.")
        return AboveRoleLimit(text % {"action": action.label})
    if amount is None or (currency == company.currency and before + amount <= limit):
        return None
    text = _(
        "%(amount)s is above the limit of front desk, which is %(limit)s to %(action)s. Ask an "
        "owner or a manager to do it."
    )
    if before:
        text = _(
            "%(amount)s, with %(before)s before it, is above the limit of front desk, which is "
            "%(limit)s to %(action)s. Ask an owner or a manager to do it."
        )
    facts = {
        "amount": show_money(amount, currency),
        "before": show_money(before, currency),
        "limit": show_money(limit, company.currency),
        "action": action.label,
    }
    return AboveRoleLimit(text % facts)


def _not_your_role(actor: Actor, action: MoneyAction) -> NotYourRole:
    text = _("The role “%(role)s” may not %(action)s. Ask one of: %(roles)s.")
    facts = {
        "role": Role(actor.role).label,
        "action": action.label,
        "roles": ", ".join(str(role.label) for role in Role if role in MONEY_TABLE[action].roles),
    }
    return NotYourRole(text % facts)
