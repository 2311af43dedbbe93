"""Credits of a custom amount: goodwill, and overpayments."""

from django.db import transaction
from django.db.models import F, Sum
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from billing.models import Payment
from config.card_numbers import refuse_card_numbers
from config.statements.inserting import insert
from config.tenancy.actors import Actor
from config.tenancy.companies import currency_of
from config.tenancy.days import TodayOnce, since_day
from config.tenancy.errors import AboveRoleLimit
from config.tenancy.money_fields import check_amount
from config.tenancy.money_permissions import (
    MoneyAction,
    check_money_action,
    limiting_company,
    refused_money_action,
)
from customers.actions.locks import lock_customer, lock_owner, share_customer
from customers.models import Customer

from ..errors import AlreadyDecided, OutOfBounds, ReasonMissing, SecondPersonNeeded
from ..models import Coupon, Credit, Goodwill
from ..models.coupons import AMOUNT
from ..models.credits import terms_of
from .ledger import open_holding


@transaction.atomic
def give_goodwill(goodwill: Goodwill, *, actor: Actor) -> Goodwill:
    """Give a customer a credit of an amount, or ask a second person to approve it.

    The credit is issued at once if the goodwill that the actor gave this customer today, this one
    included, is within the limit of the actor's role. Otherwise it waits for approval and `credit`
    stays None. Raises NotAllowed, CustomerArchived, OutOfBounds, ReasonMissing or CardNumber.
    """
    # An exclusive lock: the limit depends on goodwill given before.
    lock_customer(goodwill.customer, actor=actor)
    goodwill.company_id, goodwill.currency = actor.company_id, currency_of(actor.company_id)
    _check(goodwill)
    goodwill.asked_by, goodwill.asked_by_credential = actor.name, actor.credential_id
    refusal = refused_money_action(
        actor,
        MoneyAction.GOODWILL,
        goodwill.amount,
        before=_given_today(goodwill, actor),
        currency=goodwill.currency,
    )
    if refusal is None:
        _decide(goodwill, Goodwill.Decision.GIVEN, actor)
        goodwill.credit = _issue(goodwill, actor)
    elif not isinstance(refusal, AboveRoleLimit):
        raise refusal
    insert(goodwill)
    return goodwill


@transaction.atomic
def approve_goodwill(goodwill: Goodwill, *, actor: Actor) -> Goodwill:
    """Approve waiting goodwill, and issue its credit.

    Raises CustomerArchived, AlreadyDecided, SecondPersonNeeded for the person who asked, or the
    refusals of `check_money_action`.
    """
    lock_owner(goodwill, actor=actor)
    goodwill = _locked_waiting(goodwill, actor)
    _check_limit(goodwill, actor)
    _decide(goodwill, Goodwill.Decision.APPROVED, actor)
    goodwill.credit = _issue(goodwill, actor)
    return _save(goodwill)


@transaction.atomic
def refuse_goodwill(goodwill: Goodwill, *, reason: str = "", actor: Actor) -> Goodwill:
    """Refuse waiting goodwill; like `approve_goodwill`, but allowed for archived customers."""
    share_customer(goodwill.customer_id, to_end=True, actor=actor)
    goodwill = _locked_waiting(goodwill, actor)
    goodwill.decision_reason = reason
    refuse_card_numbers(goodwill)
    _decide(goodwill, Goodwill.Decision.REFUSED, actor)
    return _save(goodwill)


@transaction.atomic
def issue_free_credit(
    customer: Customer,
    *,
    amount: int,
    name: str,
    reason: str,
    currency: str = "",
    revenue: int | None = None,
    payment: Payment | None = None,
    actor: Actor,
) -> Credit:
    """Issue a credit of any amount, from a new archived coupon of its own.

    The credit has no end and is by default in the company's currency. `revenue` is what the company
    was paid for the credit; `payment` is the overpayment that it represents. The caller checks role
    limits. Raises CustomerArchived or OutOfBounds.
    """
    share_customer(customer.pk, actor=actor)
    check_amount(amount, field="amount", refusal=OutOfBounds, least=1)
    coupon = Coupon(
        company_id=actor.company_id,
        name=_checked_name(name),
        entitlement=AMOUNT,
        amount=amount,
        currency=currency or currency_of(actor.company_id),
        archived_at=Now(),
    )
    insert(coupon)
    credit = Credit(
        company_id=actor.company_id,
        coupon=coupon,
        customer=customer,
        revenue=revenue,
        payment=payment,
        **terms_of(coupon),
    )
    open_holding(credit, credit.opening_balance, reason=reason, actor=actor)
    return credit


def _check(goodwill: Goodwill) -> None:
    check_amount(goodwill.amount, field="amount", refusal=OutOfBounds, least=1)
    goodwill.reason = goodwill.reason.strip()
    if not goodwill.reason:
        raise ReasonMissing
    refuse_card_numbers(goodwill)


def _locked_waiting(goodwill: Goodwill, actor: Actor) -> Goodwill:
    """Return waiting goodwill, locked; raises a refusal unless the actor may decide on it."""
    goodwill = lock_goodwill(goodwill, actor=actor)
    if not goodwill.is_waiting:
        text = _("This goodwill was %(decision)s by %(person)s already. Leave it as it is.")
        facts = {"decision": goodwill.get_decision_display(), "person": goodwill.decided_by}
        raise AlreadyDecided(text % facts)
    asked_by = goodwill.asked_by_credential
    if asked_by is not None and asked_by == actor.credential_id:
        raise SecondPersonNeeded
    check_money_action(actor, MoneyAction.GOODWILL, goodwill.amount, currency=goodwill.currency)
    return goodwill


def _check_limit(goodwill: Goodwill, actor: Actor) -> None:
    check_money_action(
        actor,
        MoneyAction.GOODWILL,
        goodwill.amount,
        before=_given_today(goodwill, actor),
        currency=goodwill.currency,
    )


def _given_today(goodwill: Goodwill, actor: Actor) -> int:
    """Return how much goodwill the actor has given or approved for the customer today."""
    if limiting_company(actor, MoneyAction.GOODWILL) is None:
        return 0
    rows = Goodwill.objects.visible_to(actor).filter(
        since_day("decided_at", TodayOnce(F("company_id"))),
        customer=goodwill.customer_id,
        currency=goodwill.currency,
        decided_by_credential=actor.credential_id,
        credit__isnull=False,
    )
    return rows.aggregate(total=Sum("amount", default=0))["total"]


def lock_goodwill(goodwill: Goodwill, *, actor: Actor) -> Goodwill:
    """Return goodwill in its present state, locked until the transaction ends."""
    rows = Goodwill.objects.visible_to(actor).select_for_update(no_key=True)
    return rows.get(pk=goodwill.pk)


def _decide(goodwill: Goodwill, decision: Goodwill.Decision, actor: Actor) -> None:
    goodwill.decision = decision
    goodwill.decided_by, goodwill.decided_by_credential = actor.name, actor.credential_id
    goodwill.decided_at = Now()


def _issue(goodwill: Goodwill, actor: Actor) -> Credit:
    return issue_free_credit(
        goodwill.customer,
        amount=goodwill.amount,
        name=_("Goodwill"),
        reason=goodwill.reason,
        currency=goodwill.currency,
        actor=actor,
    )


def _save(goodwill: Goodwill) -> Goodwill:
    decided = ("decision", "decided_by", "decided_by_credential", "decided_at", "decision_reason")
    goodwill.save(update_fields=[*decided, "credit", "updated_at"])
    goodwill.refresh_from_db()
    return goodwill


def _checked_name(name: str) -> str:
    """Return the trimmed name of a coupon; raises OutOfBounds if it is empty."""
    if not name.strip():
        raise OutOfBounds.at("name", _("Must not be blank. Send a name."))
    return name.strip()
