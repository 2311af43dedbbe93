"""All scopes, with the sentence that staff read before they grant one."""

from django.utils.translation import gettext_lazy


def _(sentence: str) -> str:
    """Mark a sentence for translation; gettext would need settings, which import this module."""
    return sentence


SCOPES: dict[str, str] = {
    "customers:read": _("Find and read customers and their addresses."),
    "customers:write": _("Create, change, archive and restore customers and their addresses."),
    "profile:read": _("Read a customer's own profile."),
    "profile:write": _("Change a customer's own profile."),
    "users:read": _("Read the people who act for a customer."),
    "users:write": _("Add, change, archive and restore people who act for a customer."),
    "payment-methods:read": _("Read masked payment methods."),
    "payment-methods:write": _("Add, prefer and archive masked payment methods."),
    "credits:read": _("Read the credits of a customer."),
    "credits:write": _("Issue, redeem and revoke credits."),
    "coupons:read": _("Read coupons."),
    "coupons:write": _("Create, change, archive and restore coupons."),
    "bookings:read": _("Read bookings."),
    "bookings:write": _("Make, move and cancel bookings."),
    "packages:read": _("Read pass products, and the passes of customers with their balances."),
    "packages:write": _("Offer pass products; sell and use passes."),
    "videos:read": _("Read videos and other media, and purchases of them."),
    "videos:write": _("Offer videos and other media, and record purchases of them."),
    "subscription-mandates:read": _("Read subscriptions."),
    "subscription-mandates:write": _("Start, pause, resume and cancel subscriptions."),
    "appointments:read": _("Read appointments."),
    "appointments:write": _("Opens nothing: appointments are made with bookings:write."),
    "notes:read": _("Read notes about customers."),
    "notes:write": _("Write notes about customers."),
    "invoices:read": _("Read invoices."),
    "invoices:write": _("Create and void invoices."),
    "webhooks:manage": _("Manage webhooks, and read what was sent to them."),
    "plans:read": _("Read plans and their credit rules."),
    "plans:write": _("Create, change and archive plans and their credit rules."),
    "payments:write": _("Record payments and refunds."),
    "services:read": _("Read services, facilitators and zones."),
    "services:write": _("Create and change services, facilitators and zones."),
    "events:read": _("Read events and their dates."),
    "events:write": _("Create and change events and their dates."),
    "privacy:read": _("Read everything held about one person, and the erasures of people."),
    "privacy:write": _("Request and cancel the erasure of a person."),
    "changes:read": _("Follow the feed of changes."),
    "audit:read": _("Read who changed what and who took data out, and the log of API requests."),
}


NAMES = {scope.partition(":")[0] for scope in SCOPES}

# The documents of the surfaces name this scope, so a client may have it; no operation uses it.
NOT_OFFERED = frozenset({"appointments:write"})


def _of(*names: str, only: str = "") -> tuple[str, ...]:
    """Return the scopes of some names; `only` is ":read", ":write" or "" for both."""
    chosen = (scope for scope in SCOPES if scope.partition(":")[0] in names)
    return tuple(scope for scope in chosen if scope.endswith(only) and scope not in NOT_OFFERED)


# The groups of scopes on the page where staff grant them.
GROUPS = (
    (
        gettext_lazy("Customers"),
        _of("customers", "profile", "users", "payment-methods", "notes", "privacy"),
    ),
    (gettext_lazy("Credits and passes"), _of("credits", "coupons", "packages")),
    (gettext_lazy("Bookings"), _of("bookings", "appointments", "services", "events", "videos")),
    (gettext_lazy("Money"), _of("invoices", "payments", "plans", "subscription-mandates")),
    (gettext_lazy("Following along"), _of("webhooks", "changes", "audit")),
)

# The scopes that an integration usually needs, by the surface that it uses.
PRESETS = {
    "read": (gettext_lazy("Read everything"), _of(*NAMES, only=":read")),
    "m2m": (
        gettext_lazy("The M2M surface"),
        (
            *_of("profile"),
            *_of("customers", "bookings", "packages", "videos", only=":read"),
            *_of("subscription-mandates", "appointments", "notes", only=":read"),
        ),
    ),
    "v1": (
        gettext_lazy("The v1 surface: customers, bookings and invoices"),
        (*_of("customers"), *_of("bookings", "invoices", only=":read")),
    ),
    "accounts": (
        gettext_lazy("The accounts surface"),
        (*_of("customers", "users"), *_of("payment-methods", only=":read")),
    ),
    "credits": (gettext_lazy("The credits surface"), _of("credits")),
    "everything": (gettext_lazy("Everything"), tuple(SCOPES)),
}
