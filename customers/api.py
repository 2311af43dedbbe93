"""Customers on the M2M, v1 and accounts surfaces (contract, sections 1 to 3 and 5)."""

from typing import Any, cast

from django.http import HttpResponse

from config.api.pages import NumberedPages, NumberedUnlessCursors
from config.api.parents import Parent
from config.api.resource import Resource
from config.api.surfaces import accounts, m2m, v1

from .actions import (
    add_address,
    add_user,
    archive_customer,
    archive_row,
    create_customer,
    restore_customer,
    restore_row,
    save_zone,
    update_customer,
    write_note,
)
from .filters import AccountFilters, CustomerFilters, ZoneFilters
from .models import Address, Customer, CustomerUser, Note, Zone
from .shapes.accepted import (
    ChangedAccount,
    ChangedCustomer,
    ChangedProfile,
    ChangedZone,
    NewAccount,
    NewAddress,
    NewCustomer,
    NewNote,
    NewUser,
    NewZone,
)
from .shapes.shown import (
    ADDRESS,
    CUSTOMER,
    USER,
    ZONE,
    AccountUser,
    CustomerAccount,
    CustomerAddress,
    CustomerNote,
    CustomerRecord,
    CustomerSummary,
    Profile,
    ServiceZone,
)
from .shapes.state import READ_BY, CustomerState, may

of_customer = Parent("customer_id", Customer.objects)


class Accounts(Resource):
    """Customers as business accounts."""

    surface = accounts
    scopes = {"read": "customers:read", "write": "customers:write"}
    queryset = Customer.objects.oldest_first()
    ids = {"id": CUSTOMER}
    filterset_class = AccountFilters
    shows = {"list": CustomerRecord, "*": CustomerAccount}
    accepts = {"create": NewAccount, "partial_update": ChangedAccount}
    streams = True
    invites = False

    def create(self, request: Any) -> HttpResponse:
        """Take on a customer."""
        fields = self.accepted()
        address = fields.pop("address", None)
        customer = create_customer(
            Customer(**fields), address=address, invite=self.invites, actor=self.actor
        )
        return self.show(customer, status=201)

    def partial_update(self, request: Any, id: str) -> HttpResponse:
        """Change fields of a customer; what is left out stays."""
        customer = self.target()
        update_customer(
            customer, changes=self.accepted(), contactable=self.invites, actor=self.actor
        )
        return self.show(customer)

    def destroy(self, request: Any, id: str) -> HttpResponse:
        """Archive a customer, who keeps everything and can be restored."""
        customer = self.target()
        archive_customer(customer, actor=self.actor)
        return self.show(customer)

    def restore(self, request: Any, id: str) -> HttpResponse:
        """Bring an archived customer back."""
        customer = self.target()
        restore_customer(customer, actor=self.actor)
        return self.show(customer)


class Customers(Accounts):
    """Customers as an app sees them; whoever it creates is invited by e-mail."""

    surface = v1
    queryset = Customer.objects.newest_first()
    filterset_class = CustomerFilters
    shows = {"*": CustomerSummary}
    accepts = {"create": NewCustomer, "partial_update": ChangedCustomer}
    pages = NumberedUnlessCursors(cast(NumberedPages, v1.pages))
    streams = False
    invites = True


class Profiles(Resource):
    """A customer's own profile."""

    surface = m2m
    scopes = {"read": "profile:read", "write": "profile:write"}
    queryset = Customer.objects.oldest_first()
    ids = {"id": CUSTOMER}
    shows = {"*": Profile}
    accepts = {"update": ChangedProfile}
    says = {"update": "Profile updated successfully"}

    def update(self, request: Any, id: str) -> HttpResponse:
        """Replace a customer's profile; a mobile number that is left out stays."""
        update_customer(self.target(), changes=self.accepted(), actor=self.actor)
        return self.say()


class Notes(Resource):
    """Notes about a customer, newest first."""

    surface = m2m
    scopes = {"read": "notes:read", "write": "notes:write"}
    queryset = Note.objects.newest_first()
    ids = {"customer_id": CUSTOMER}
    parent = of_customer
    shows = {"*": CustomerNote}


class Addresses(Resource):
    """Addresses of a customer."""

    surface = v1
    scopes = {"read": "customers:read", "write": "customers:write"}
    queryset = Address.objects.live().oldest_first()
    ids = {"customer_id": CUSTOMER, "id": ADDRESS}
    parent = of_customer
    shows = {"*": CustomerAddress}
    accepts = {"create": NewAddress}

    def create(self, request: Any, customer_id: str) -> HttpResponse:
        """Add an address; the first is the default, and a new default replaces the old one."""
        address = Address(customer=self.above, **self.accepted())
        return self.show(add_address(address, actor=self.actor), status=201)


class Users(Resource):
    """People who act for a customer, oldest first."""

    surface = accounts
    scopes = {"read": "users:read", "write": "users:write"}
    queryset = CustomerUser.objects.live().oldest_first()
    ids = {"customer_id": CUSTOMER, "id": USER}
    parent = of_customer
    shows = {"*": AccountUser}
    accepts = {"create": NewUser}

    def create(self, request: Any, customer_id: str) -> HttpResponse:
        """Add a person who acts for the customer."""
        user = CustomerUser(customer=self.above, **self.accepted())
        return self.show(add_user(user, actor=self.actor), status=201)


class CustomerNotes(Resource):
    """Notes about a customer."""

    surface = v1
    scopes = {"read": "notes:read", "write": "notes:write"}
    queryset = Note.objects.newest_first()
    ids = {"customer_id": CUSTOMER}
    parent = of_customer
    shows = {"*": CustomerNote}
    accepts = {"create": NewNote}

    def create(self, request: Any, customer_id: str) -> HttpResponse:
        """Write a note about the customer, in the name of the credential."""
        note = Note(customer=self.above, **self.accepted())
        return self.show(write_note(note, actor=self.actor), status=201)


class Zones(Resource):
    """Service zones, newest first: the postal codes that each covers."""

    surface = v1
    scopes = {"read": "services:read", "write": "services:write"}
    queryset = Zone.objects.newest_first()
    ids = {"id": ZONE}
    filterset_class = ZoneFilters
    shows = {"*": ServiceZone}
    accepts = {"create": NewZone, "partial_update": ChangedZone}

    def create(self, request: Any) -> HttpResponse:
        """Make a service zone."""
        return self.show(save_zone(Zone(**self.accepted()), actor=self.actor), status=201)

    def partial_update(self, request: Any, id: str) -> HttpResponse:
        """Change a zone; its postal codes are replaced as a whole."""
        zone = self.target()
        for name, value in self.accepted().items():
            setattr(zone, name, value)
        return self.show(save_zone(zone, actor=self.actor))

    def archive(self, request: Any, id: str) -> HttpResponse:
        """Archive a zone, which finds nobody any more."""
        zone = self.target()
        archive_row(zone, actor=self.actor)
        return self.show(zone)

    def restore(self, request: Any, id: str) -> HttpResponse:
        """Bring a zone back."""
        zone = self.target()
        restore_row(zone, actor=self.actor)
        return self.show(zone)


class States(Resource):
    """The whole of a customer in one call, as far as the scopes of the credential go."""

    surface = v1
    scopes = {"read": "customers:read", "write": "customers:write"}
    queryset = Customer.objects.newest_first()
    ids = {"id": CUSTOMER}
    shows = {"*": CustomerState}

    @property
    def values(self) -> dict[str, Any]:
        allowed = {may(scope): scope in self.actor.scopes for scope in READ_BY}
        return {**super().values, **allowed}
