"""The menu: pages that are opened all day come first, settings last."""

from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

# The groups of the menu, and the models in each.
MENU: tuple[tuple[Any, tuple[str, ...]], ...] = (
    (
        gettext_lazy("Customers"),
        (
            *("customers.customer", "customers.customeruser", "customers.address"),
            *("customers.contactpoint", "customers.note", "customers.duplicate"),
        ),
    ),
    (gettext_lazy("Bookings"), ("bookings.booking", "bookings.eventdate")),
    (
        gettext_lazy("Money"),
        (
            *("billing.invoice", "billing.payment", "billing.creditnote", "billing.subscription"),
            *("credits.passpurchase", "credits.credit", "credits.goodwill"),
            *("bookings.mediapurchase", "billing.paymentmethod", "credits.entry"),
        ),
    ),
    (
        gettext_lazy("Catalogue"),
        (
            *("bookings.service", "bookings.event", "bookings.facilitator"),
            *("credits.passproduct", "billing.plan", "credits.creditrule", "credits.coupon"),
            *("bookings.media", "customers.zone"),
        ),
    ),
    (
        gettext_lazy("Settings"),
        (
            *("access.workplace", "access.membership", "jobs.job", "changes.webhookendpoint"),
            *("changes.webhookdelivery", "access.apiclient", "access.apikey"),
            *("requests.apirequest", "changes.dataexport", "customers.erasure"),
            *("access.company", "access.staff"),
        ),
    ),
)


def menu(registry: Mapping[Any, Any], opened: Mapping[str, str], path: str) -> list[dict[str, Any]]:
    """Return the groups of the menu with their pages, without empty groups.

    `opened` maps the label of each model that the user may see to the address of its list; `path`
    is the current address. Models that are not in MENU are shown last.
    """
    pages = {model._meta.label_lower: one for model, one in registry.items()}
    named = {label for _title, labels in MENU for label in labels}
    *groups, (last, labels) = MENU
    rest = tuple(label for label in opened if label not in named)
    found = [
        (title, [_item(pages[label], opened[label], path) for label in labels if label in opened])
        for title, labels in (*groups, (last, labels + rest))
    ]
    return [
        {"title": "", "items": [_home(path)]},
        *({"title": title, "items": items} for title, items in found if items),
    ]


def _home(path: str) -> dict[str, Any]:
    address = reverse("admin:index")
    return {"title": _("Today"), "icon": "today", "link": address, "active": path == address}


def _item(pages: Any, address: str, path: str) -> dict[str, Any]:
    return {
        "title": capfirst(str(pages.plural)),
        "icon": pages.icon,
        "link": address,
        "active": path.startswith(address),
    }
