from django.db import transaction
from django.utils.translation import gettext as _

from config.card_numbers import refuse_card_numbers
from config.statements.changing import Changes, apply_changes
from config.statements.inserting import insert
from config.tenancy.actors import Actor
from config.tenancy.archiving import lock_live
from config.tenancy.companies import currency_of
from config.tenancy.money_fields import check_amount
from config.tenancy.money_permissions import MoneyAction, check_money_action, check_price_change

from ..errors import InvalidPlan, PlanArchived
from ..models import Plan
from .tax import check_tax, fill_tax


@transaction.atomic
def create_plan(plan: Plan, *, actor: Actor) -> Plan:
    """Create a plan, with the company's currency and tax unless it names others.

    Raises InvalidPlan or CardNumber.
    """
    check_money_action(actor, MoneyAction.CHANGE_PRICES)
    plan.company_id = actor.company_id
    if not plan.currency:
        plan.currency = currency_of(actor.company_id)
    fill_tax(plan, company_id=actor.company_id, refusal=InvalidPlan)
    _check_plan(plan)
    insert(plan)
    return plan


@transaction.atomic
def change_plan(plan: Plan, *, changes: Changes, actor: Actor) -> Plan:
    """Change a plan for future subscriptions; raises PlanArchived, InvalidPlan or CardNumber."""
    plan = lock_live(plan, refusal=PlanArchived(), actor=actor)
    check_price_change(actor, apply_changes(plan, changes))
    _check_plan(plan)
    plan.save(update_fields=list(changes))
    return plan


def _check_plan(plan: Plan) -> None:
    refuse_card_numbers(plan)
    plan.name, plan.currency = plan.name.strip(), plan.currency.upper()
    code = plan.currency
    if not plan.name:
        raise InvalidPlan.at("name", _("Must not be blank. Send a name."))
    check_amount(plan.price, field="price", refusal=InvalidPlan)
    check_tax(plan, refusal=InvalidPlan)
    if not (len(code) == 3 and code.isascii() and code.isalpha()):
        raise InvalidPlan.at(
            "currency", _("Must be three letters such as GBP; got “%(code)s”.") % {"code": code}
        )
    if plan.billing_period not in Plan.Period.values:
        raise InvalidPlan.at(
            "billing_period",
            _("Must be one of %(choices)s; got “%(period)s”.")
            % {"choices": ", ".join(Plan.Period.values), "period": plan.billing_period},
        )
    if not 0 <= plan.grace_days <= 366:
        raise InvalidPlan.at(
            "grace_days",
            _("Must be from 0 to 366 days; got “%(days)s”.") % {"days": plan.grace_days},
        )
    if not 0 <= plan.minimum_periods <= 120:
        raise InvalidPlan.at(
            "minimum_periods",
            _("Must be from 0 to 120 periods; got “%(periods)s”.")
            % {"periods": plan.minimum_periods},
        )
