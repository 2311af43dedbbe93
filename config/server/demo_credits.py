"""What the demo company's customers hold: credits, passes, and what they have used of them."""

from dataclasses import dataclass
from typing import Any

from billing.models import Plan
from config.access.actors import Actor
from config.access.models import Company
from credits.actions import (
    create_coupon,
    create_pass_product,
    create_rule,
    issue_credit,
    issue_recurring_credits,
    redeem_credit,
    reverse_redemption,
    revoke_credit,
    sell_pass,
    use_pass,
)
from credits.actions.ledger import local_today
from credits.models import Coupon, Credit, CreditRule, Entry, PassProduct, PassPurchase
from customers.models import Customer

GOODWILL, BIRTHDAY = "Goodwill", "Birthday treat"
MASSAGE, FRIEND = "Massage of the month", "Bring a friend"


@dataclass(frozen=True)
class DemoCredit:
    """A coupon given to somebody, and why; `uses` has the amount of each use, None for a whole."""

    who: str
    coupon: str
    reason: str
    uses: tuple[int | None, ...] = ()
    revoked: str = ""
    ends_today: bool = False


COUPONS: dict[str, dict[str, Any]] = {
    GOODWILL: {
        "description": "For when something went wrong, and it was us.",
        "amount": 1_000,
        "valid_for": "P1Y",
    },
    BIRTHDAY: {
        "description": "Off anything, in the month of somebody’s birthday.",
        "percentage": 10,
        "code": "BIRTHDAY",
        "valid_for": "P1M",
    },
    MASSAGE: {"description": "Members have one each month.", "offering": "Massage"},
    FRIEND: {
        "description": "A friend comes along for nothing, as often as they like.",
        "offering": "Morning yoga",
        "multi_use": True,
        "code": "FRIEND",
        "valid_for": "P3M",
    },
}

RULES: list[dict[str, Any]] = [
    {"plan": "Monthly membership", "coupon": MASSAGE, "every": CreditRule.BILLING_CYCLE},
    {"plan": "Yearly membership", "coupon": MASSAGE, "every": "P1M", "rolls_over": True},
]

CREDITS = [
    DemoCredit("Priya Raman", GOODWILL, "The heating was out on Tuesday.", uses=(400, 250)),
    DemoCredit("Siobhán Ó Briain", GOODWILL, "Her class was called off at the last minute."),
    DemoCredit("Camille Lefèvre", GOODWILL, "Charged twice for a mat.", uses=(1_000,)),
    DemoCredit(
        *("Jürgen Weiß", GOODWILL, "Waited at a locked door."), revoked="Given twice by mistake."
    ),
    DemoCredit("Hannah Pemberton", BIRTHDAY, "Her birthday.", uses=(None,)),
    DemoCredit("Oliver Whitcombe", BIRTHDAY, "His birthday."),
    DemoCredit("Beatriz Carvalho", BIRTHDAY, "Her birthday.", ends_today=True),
    DemoCredit("Zoë Abara", FRIEND, "A year with us.", uses=(None, None)),
    DemoCredit("Grace Adeyemi", FRIEND, "She brings new mothers."),
]

CLASSES = ["Morning yoga", "Evening flow", "New mothers"]
PASSES: dict[str, dict[str, Any]] = {
    "Ten classes": {"visits": 10, "price": 12_000, "valid_for": "P6M", "offerings": CLASSES},
    "Five massages": {"visits": 5, "price": 27_500, "valid_for": "P1Y", "offerings": ["Massage"]},
}

# Who bought which pass, and how many visits of it were used before there were bookings.
PURCHASES: list[tuple[str, str, int]] = [
    ("Hannah Pemberton", "Ten classes", 3),
    ("Nguyễn Thị Mai", "Ten classes", 2),
    ("Fatima El Amrani", "Ten classes", 10),
    ("Lambeth Hospice", "Five massages", 1),
]


def add_credits(
    people: dict[str, Customer], plans: dict[str, Plan], company: Company, actor: Actor
) -> None:
    """Give people credits and passes, use some, and grant what the plans promise."""
    coupons = {
        name: create_coupon(Coupon(name=name, **terms), actor=actor)
        for name, terms in COUPONS.items()
    }
    for rule in RULES:
        terms = {**rule, "plan": plans[rule["plan"]], "coupon": coupons[rule["coupon"]]}
        create_rule(CreditRule(**terms), actor=actor)
    for entry in CREDITS:
        _give(people[entry.who], coupons[entry.coupon], entry, actor)
    products = {
        name: create_pass_product(PassProduct(name=name, **terms), actor=actor)
        for name, terms in PASSES.items()
    }
    for who, product, visits in PURCHASES:
        _sell(people[who], products[product], visits, actor)
    issue_recurring_credits(company.id, actor=Actor.command(company))
    _use_the_months_massages(people, actor)


def _give(customer: Customer, coupon: Coupon, entry: DemoCredit, actor: Actor) -> None:
    credit = Credit(customer=customer, coupon=coupon)
    if entry.ends_today:
        credit.expiry_date = local_today(actor.company_id)
    credit = issue_credit(credit, reason=entry.reason, actor=actor)
    for number, amount in enumerate(entry.uses, start=1):
        redeem_credit(credit, amount=amount, reference=f"till-{number}", actor=actor)
    if entry.revoked:
        revoke_credit(credit, reason=entry.revoked, actor=actor)


def _sell(customer: Customer, product: PassProduct, visits: int, actor: Actor) -> None:
    purchase = sell_pass(PassPurchase(customer=customer, product=product), actor=actor)
    for number in range(1, visits + 1):
        use_pass(purchase, reference=f"visit-{number}", actor=actor)


def _use_the_months_massages(people: dict[str, Customer], actor: Actor) -> None:
    """Let one member have had the massage, and another one nearly."""
    _use(people["Zoë Abara"], actor)
    entry = _use(people["Priya Raman"], actor)
    reverse_redemption(entry, reason="The therapist was ill.", actor=actor)


def _use(member: Customer, actor: Actor) -> Entry:
    credit = Credit.objects.visible_to(actor).get(customer=member, rule__isnull=False)
    return redeem_credit(credit, reference="massage-1", actor=actor)
