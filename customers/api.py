"""Customers on the M2M, v1 and accounts surfaces (contract, sections 1 to 3 and 5)."""

from typing import Any, cast

from django.http import HttpResponse

from bookings.actions import bring_back_customer, open_items, wind_down_customer
from config.api.filtering import ArchivableFilters
from config.api.pages import NumberedPages, NumberedUnlessCursors
from config.api.parents import Parent
from config.api.resource import Resource
from config.api.surfaces import accounts, m2m, v1
from config.api.verbs import Verb
from config.changes.models import Change
from config.tenancy.archiving import archive_row, restore_row
from config.webhooks.feed.filters import ChangeFilters
from config.webhooks.feed.shapes import RecordedChange

from . import actions
from .filters import AccountFilters, ArchivingOptions, CustomerFilters
from .models import Address, Customer, CustomerUser, Note, Zone
from .shapes import inputs, outputs
from .shapes.state import READ_BY, CustomerState, may

_CUSTOMERS = {"read": "customers:read", "write": "customers:write"}
_NOTES = {"read": "notes:read", "write": "notes:write"}

of_customer = Parent("customer_id", Customer.objects)


class Accounts(Resource):
    """Customers as business accounts."""

    surface = accounts
    scopes = _CUSTOMERS
    queryset = Customer.objects.oldest_first()
    filterset_class = AccountFilters
    shows = {"list": outputs.CustomerRecord, "*": outputs.CustomerAccount}
    accepts = {"create": inputs.NewAccount, "partial_update": inputs.ChangedAccount}
    query_options = {"destroy": ArchivingOptions}
    streams = True
    invites = False
    normalizes_phone = False
    verbs = {"restore": Verb(bring_back_customer, "Bring an archived customer back.")}

    def create(self, request: Any) -> HttpResponse:
        """Take on a customer."""
        fields = self.accepted()
        address = fields.pop("address", None)
        customer = actions.create_customer(
            Customer(**fields), address=address, invite=self.invites, actor=self.actor
        )
        return self.show(customer, status=201)

    def partial_update(self, request: Any, id: str) -> HttpResponse:
        """Change fields of a customer; what is left out stays."""
        customer, changes = self.get_object(), self.accepted()
        actions.update_customer(
            customer,
            address=changes.pop("address", None),
            changes=changes,
            contactable=self.invites,
            normalized_phone=self.normalizes_phone,
            actor=self.actor,
        )
        return self.show(customer)

    def destroy(self, request: Any, id: str) -> HttpResponse:
        """Archive a customer, who keeps everything and can be restored.

        A header `Open-Items` says what is still open: `bookings=1, invoices=2`. Of bookings,
        subscriptions, invoices, credits and passes it names those that there are.
        """
        customer = self.get_object()
        asked = ArchivingOptions.read(self.query)
        wind_down_customer(customer, **asked, actor=self.actor)
        answer = self.show(customer)
        if still_open := open_items([customer.pk], actor=self.actor)[customer.pk]:
            counts = (f"{name}={count}" for name, count in still_open.items())
            answer["Open-Items"] = ", ".join(counts)
        return answer


class Customers(Accounts):
    """Customers as an app sees them; whoever it creates is invited by e-mail."""

    surface = v1
    queryset = Customer.objects.newest_first()
    filterset_class = CustomerFilters
    shows = {"*": outputs.CustomerSummary}
    accepts = {"create": inputs.NewCustomer, "partial_update": inputs.ChangedCustomer}
    pages = NumberedUnlessCursors(cast(NumberedPages, v1.pages))
    streams = False
    invites = True
    normalizes_phone = True


class Profiles(Resource):
    """A customer's own profile."""

    surface = m2m
    scopes = {"read": "profile:read", "write": "profile:write"}
    queryset = Customer.objects.oldest_first()
    shows = {"*": outputs.Profile}
    accepts = {"update": inputs.ChangedProfile}
    messages = {"update": "Profile updated successfully"}

    def update(self, request: Any, id: str) -> HttpResponse:
        """Replace a customer's profile; a mobile number that is left out stays."""
        actions.update_customer(self.get_object(), changes=self.accepted(), actor=self.actor)
        return self.show_message()


class Notes(Resource):
    """Notes about a customer, newest first."""

    surface = m2m
    scopes = _NOTES
    queryset = Note.objects.newest_first()
    parent = of_customer
    shows = {"*": outputs.CustomerNote}


class Addresses(Resource):
    """Addresses of a customer."""

    surface = v1
    scopes = _CUSTOMERS
    queryset = Address.objects.live().oldest_first()
    parent = of_customer
    shows = {"*": outputs.CustomerAddress}
    accepts = {"create": inputs.NewAddress}
    verbs = {
        "create": Verb(
            actions.add_address,
            "Add an address; the first is the default, and a new default replaces the old one.",
        )
    }


class Users(Resource):
    """People who act for a customer, oldest first."""

    surface = accounts
    scopes = {"read": "users:read", "write": "users:write"}
    queryset = CustomerUser.objects.live().oldest_first()
    parent = of_customer
    shows = {"*": outputs.AccountUser}
    accepts = {"create": inputs.NewUser}
    verbs = {"create": Verb(actions.add_user, "Add a person who acts for the customer.")}


class CustomerNotes(Resource):
    """Notes about a customer."""

    surface = v1
    scopes = _NOTES
    queryset = Note.objects.newest_first()
    parent = of_customer
    shows = {"*": outputs.CustomerNote}
    accepts = {"create": inputs.NewNote}
    verbs = {
        "create": Verb(
            actions.write_note, "Write a note about the customer, in the name of the credential."
        )
    }


class Zones(Resource):
    """Service zones, newest first: the postal codes that each covers."""

    surface = v1
    scopes = {"read": "services:read", "write": "services:write"}
    queryset = Zone.objects.newest_first()
    filterset_class = ArchivableFilters
    shows = {"*": outputs.ServiceZone}
    accepts = {"create": inputs.NewZone, "partial_update": inputs.ChangedZone}
    verbs = {
        "create": Verb(actions.save_zone, "Make a service zone."),
        "archive": Verb(archive_row, "Archive a zone, which finds nobody any more."),
        "restore": Verb(restore_row, "Bring a zone back."),
    }

    def partial_update(self, request: Any, id: str) -> HttpResponse:
        """Change a zone; its postal codes are replaced as a whole."""
        zone = self.get_object()
        for name, value in self.accepted().items():
            setattr(zone, name, value)
        return self.show(actions.save_zone(zone, actor=self.actor))


class States(Resource):
    """The whole of a customer in one call, as far as the scopes of the credential go."""

    surface = v1
    scopes = _CUSTOMERS
    queryset = Customer.objects.newest_first()
    shows = {"*": CustomerState}

    @property
    def values(self) -> dict[str, Any]:
        allowed = {may(scope): scope in self.actor.scopes for scope in READ_BY}
        return {**super().values, **allowed}


class CustomerAudit(Resource):
    """Who changed a customer and what is theirs, when, from what to what and why: newest first."""

    surface = v1
    scopes = {"read": "audit:read", "write": "audit:read"}
    queryset = Change.objects.public().newest_first()
    parent = of_customer
    filterset_class = ChangeFilters
    shows = {"*": RecordedChange}
