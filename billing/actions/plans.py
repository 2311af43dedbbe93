from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from config.access.actors import Actor
from config.access.models import Company
from config.statements.inserting import insert
from customers.actions import archive_row, restore_row

from ..cards import refuse_card_numbers
from ..errors import InvalidPlan, PlanArchived
from ..models import Plan
from ..models.money import MOST


@transaction.atomic
def create_plan(plan: Plan, *, actor: Actor) -> Plan:
    """Offer a plan, in the company's currency unless it names another.

    Raises InvalidPlan or CardNumber.
    """
    plan.company_id = actor.company_id
    if not plan.currency:
        plan.currency = Company.objects.values_list("currency", flat=True).get(pk=actor.company_id)
    _check_plan(plan)
    insert(plan)
    return plan


@transaction.atomic
def change_plan(plan: Plan, *, changes: dict[str, Any], actor: Actor) -> Plan:
    """Change a plan for subscriptions to come; raises PlanArchived, InvalidPlan or CardNumber."""
    plan = Plan.objects.visible_to(actor).select_for_update(no_key=True).get(pk=plan.pk)
    if plan.is_archived:
        raise PlanArchived
    for name, value in changes.items():
        setattr(plan, name, value)
    _check_plan(plan)
    plan.save(update_fields=list(changes))
    return plan


def archive_plan(plan: Plan, *, actor: Actor) -> None:
    """Take a plan off the offer; subscriptions on it go on. Raises AlreadyArchived."""
    archive_row(plan, actor=actor)


def restore_plan(plan: Plan, *, actor: Actor) -> None:
    """Offer a plan again; raises NotArchived."""
    restore_row(plan, actor=actor)


def _check_plan(plan: Plan) -> None:
    refuse_card_numbers(plan)
    plan.name, plan.currency = plan.name.strip(), plan.currency.upper()
    code = plan.currency
    if not plan.name:
        _refuse("name", _("Give the plan a name."))
    if not 0 <= plan.price <= MOST:
        _refuse(
            "price",
            _("A price is from 0 to %(most)s of the smallest unit.") % {"most": f"{MOST:,}"},
        )
    if not (len(code) == 3 and code.isascii() and code.isalpha()):
        _refuse("currency", _("Three letters, such as GBP."))
    if plan.billing_period not in Plan.Period.values:
        _refuse(
            "billing_period", _("One of %(choices)s.") % {"choices": ", ".join(Plan.Period.values)}
        )
    if not 0 <= plan.grace_days <= 366:
        _refuse("grace_days", _("From 0 to 366 days."))
    if not 0 <= plan.minimum_periods <= 120:
        _refuse("minimum_periods", _("From 0 to 120 periods."))


def _refuse(field: str, sentence: str) -> None:
    raise InvalidPlan(f"{field}: {sentence}", fields={field: sentence})
