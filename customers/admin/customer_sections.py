"""The sections about the record itself on a customer's page: name and contact."""

from typing import Any
from urllib.parse import urlencode

from django.contrib.postgres.expressions import ArraySubquery
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.admin.tables import Section, label, link_to, page_name
from config.tenancy.ids import show_id

from ..models import Address, ContactPoint, Customer, CustomerUser, Zone
from ..models.birthdays import show_birthday

KNOWN_PREFERENCES = ("preferred_contact", "marketing_opt_in")

# A label, its value, and the text that a button copies ("" for no button).
Fact = tuple[str, Any, str]


def ways_to_reach(customer: Customer) -> list[Fact]:
    """Return the customer's e-mail address and phone, and the preferences about contact."""
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
    """Return the other facts about a customer, without empty ones."""
    others = {
        name: value for name, value in customer.preferences.items() if name not in KNOWN_PREFERENCES
    }
    person = f"{customer.first_name} {customer.last_name}".strip() if customer.name else ""
    facts = [
        (_("Person to talk to"), person, ""),
        (_("Legal name"), customer.legal_name, ""),
        (_("Tax number"), customer.tax_id, ""),
        (_("Birthday"), show_birthday(customer.birthday), ""),
        (_("Tags"), _tags(customer), ""),
        (_("Zones"), ", ".join(map(str, zones)), ""),
        (
            _("Other preferences"),
            "; ".join(f"{name}: {value}" for name, value in others.items()),
            "",
        ),
        (_("Customer since"), date_format(timezone.localtime(customer.created_at)), ""),
        (_("External id"), customer.external_id, customer.external_id),
    ]
    public = show_id(Customer.id_prefix, customer.pk)
    return [fact for fact in facts if fact[1]] + [(_("Id"), public, public)]


def _tags(customer: Customer) -> Any:
    """Return links to the lists of customers with the same tag."""
    listed = reverse(page_name(Customer, "changelist"))
    links = ((listed, urlencode({"tag": tag}), tag) for tag in customer.tags)
    return format_html_join(", ", '<a href="{}?{}" class="text-link">{}</a>', links)


def zones(whose: Any) -> Any:
    """Return the zones of the customer's live addresses."""
    codes = Address.objects.visible_to(whose).live().filter(customer_id=whose.pk)
    keys = ArraySubquery(codes.exclude(postal_key="").values("postal_key"))
    return Zone.objects.visible_to(whose).live().filter(postal_keys__overlap=keys).order_by("name")


def _addresses(whose: Any) -> Any:
    theirs = Address.objects.visible_to(whose).live().filter(customer_id=whose.pk)
    return theirs.order_by("-is_default", "id")


ADDRESSES = Section(
    model=Address,
    title=gettext_lazy("Addresses"),
    rows=_addresses,
    cells=lambda one, customer: (
        link_to(one, one.label or str(one) or _("Address")),
        str(one) if one.label else "",
        one.access_notes,
        label(_("Default"), "info") if one.is_default else "",
    ),
    empty=gettext_lazy("No address yet."),
    add=gettext_lazy("Add an address"),
)


def _contact_points(whose: Any) -> Any:
    theirs = ContactPoint.objects.visible_to(whose).live().filter(customer_id=whose.pk)
    return theirs.order_by("id")


CONTACT_POINTS = Section(
    model=ContactPoint,
    title=gettext_lazy("Further e-mails and phones"),
    rows=_contact_points,
    cells=lambda one, customer: (link_to(one), one.label, capfirst(one.get_kind_display()), ""),
    empty=gettext_lazy("No further e-mail or phone yet."),
    add=gettext_lazy("Add an e-mail or phone"),
)


def _users(whose: Any) -> Any:
    theirs = CustomerUser.objects.visible_to(whose).live().filter(customer_id=whose.pk)
    return theirs.newest_first()


USERS = Section(
    model=CustomerUser,
    title=gettext_lazy("Contacts"),
    rows=_users,
    cells=lambda one, customer: (link_to(one), one.email if str(one) != one.email else "", "", ""),
    empty=gettext_lazy("No contacts yet."),
    add=gettext_lazy("Add a contact"),
)
