"""What a customer's page shows of the record itself: who they are and how to reach them."""

from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from config.access.ids import show_id
from config.admin.tables import Section, adding, label, link_to, listed, table_of

from ..models import Address, Customer, CustomerUser, Zone
from ..shapes.shown import CUSTOMER

SHOWN = 10
KNOWN_PREFERENCES = ("preferred_contact", "marketing_opt_in")

# A label, what stands beside it, and what is copied where that is worth a button.
Fact = tuple[str, Any, str]


def ways_to_reach(customer: Customer) -> list[Fact]:
    """Return how to reach a customer, and what they said about it."""
    preferred = customer.preferences.get("preferred_contact") or ""
    offers = customer.preferences.get("marketing_opt_in")
    number = customer.phone_e164 or customer.phone
    wanted = {True: _("Yes"), False: _("No")}.get(offers, _("Never asked"))
    return [
        (_("E-mail"), _link(f"mailto:{customer.email}", customer.email), customer.email),
        (_("Phone"), _link(f"tel:{number.replace(' ', '')}", customer.phone), customer.phone),
        (_("Prefers"), capfirst(str(preferred)) or "–", ""),
        (_("Wants offers"), wanted, ""),
    ]


def _link(address: str, text: str) -> Any:
    return format_html('<a href="{}" class="text-link">{}</a>', address, text) if text else "–"


def facts_of(customer: Customer, zones: list[Zone]) -> list[Fact]:
    """Return what else is known of a customer; what is absent is left out."""
    others = {
        name: value for name, value in customer.preferences.items() if name not in KNOWN_PREFERENCES
    }
    person = f"{customer.first_name} {customer.last_name}".strip() if customer.name else ""
    facts = [
        (_("Person to talk to"), person, ""),
        (_("Legal name"), customer.legal_name, ""),
        (_("Tax number"), customer.tax_id, ""),
        (_("Zones"), ", ".join(map(str, zones)), ""),
        (
            _("Other preferences"),
            "; ".join(f"{name}: {value}" for name, value in others.items()),
            "",
        ),
        (_("Customer since"), date_format(timezone.localtime(customer.created_at)), ""),
        (_("External id"), customer.external_id, customer.external_id),
    ]
    public = show_id(CUSTOMER, customer.pk)
    return [fact for fact in facts if fact[1]] + [(_("Id"), public, public)]


def zones(customer: Customer) -> Any:
    """Return the zones that a live address of a customer is in."""
    codes = Address.objects.visible_to(customer).live().filter(customer=customer)
    keys = ArraySubquery(codes.exclude(postal_key="").values("postal_key"))
    return (
        Zone.objects.visible_to(customer).live().filter(postal_keys__overlap=keys).order_by("name")
    )


def addresses(customer: Customer, request: Any) -> Section:
    """Return the section of where a customer is found, the default first."""

    def table(rows: list[Address]) -> dict[str, Any]:
        cells = [
            (
                link_to(one, one.label or str(one) or _("Address")),
                str(one) if one.label else "",
                one.access_notes,
                label(_("Default"), "info") if one.is_default else "",
            )
            for one in rows[:SHOWN]
        ]
        return table_of(
            _("Addresses"),
            (),
            cells,
            all_address=listed(Address, customer) if len(rows) > SHOWN else "",
            empty=_("No address yet."),
            **adding(request, Address, customer, _("Add an address")),
        )

    theirs = Address.objects.visible_to(customer).live().filter(customer=customer)
    return Section(theirs.order_by("-is_default", "id")[: SHOWN + 1], table)


def users(customer: Customer, request: Any) -> Section:
    """Return the section of who acts for a customer."""

    def table(rows: list[CustomerUser]) -> dict[str, Any]:
        cells = [
            (link_to(one), one.email if str(one) != one.email else "", "", "")
            for one in rows[:SHOWN]
        ]
        return table_of(
            _("Users"),
            (),
            cells,
            all_address=listed(CustomerUser, customer) if len(rows) > SHOWN else "",
            empty=_("Nobody acts for them yet."),
            **adding(request, CustomerUser, customer, _("Add a user")),
        )

    theirs = CustomerUser.objects.visible_to(customer).live().filter(customer=customer)
    return Section(theirs.newest_first()[: SHOWN + 1], table)
