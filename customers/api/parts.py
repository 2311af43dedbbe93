"""The rows of a customer (addresses, contact points, users, notes, changes), and service zones."""

from typing import Any

from django.http import HttpResponse

from config.api.filtering import ArchivableFilters
from config.api.parents import Parent
from config.api.resource import Resource
from config.api.surfaces import accounts, m2m, v1
from config.api.verbs import Verb
from config.statements.changing import Changes
from config.tenancy.actors import Actor
from config.tenancy.archiving import archive_row, restore_row
from config.webhooks.feed.filters import ChangeFilters
from config.webhooks.feed.shapes import RecordedChange, shown_changes

from .. import actions
from ..models import Address, ContactPoint, Customer, CustomerUser, Note, Zone
from ..shapes import addresses, balances, inputs, outputs
from ..shapes.accounts import AccountUser

CUSTOMERS = {"read": "customers:read", "write": "customers:write"}
_NOTES = {"read": "notes:read", "write": "notes:write"}
_USERS = {"read": "users:read", "write": "users:write"}

of_customer = Parent("customer_id", Customer.objects)


class Notes(Resource):
    """Notes about a customer, newest first."""

    surface = m2m
    scopes = _NOTES
    queryset = Note.objects.newest_first()
    parent = of_customer
    shows = {"*": outputs.CustomerNote}


class Addresses(Resource):
    """Addresses of a customer, oldest first."""

    surface = v1
    scopes = CUSTOMERS
    queryset = Address.objects.oldest_first()
    parent = of_customer
    filterset_class = ArchivableFilters
    shows = {"*": addresses.AddressRecord}
    accepts = {"create": addresses.NewAddress, "partial_update": addresses.ChangedAddress}
    verbs = {
        "create": Verb(
            actions.add_address,
            "Add an address; the first is the default, and a new default replaces the old one.",
        ),
        "partial_update": Verb(actions.change_address, "Change fields of an address."),
        "archive": Verb(
            actions.archive_address,
            "Archive an address; the oldest of the others becomes the default in its place.",
        ),
        "restore": Verb(
            actions.restore_address,
            "Bring an archived address back; it is the default if there is no other.",
        ),
    }


def _change_contact_point(point: ContactPoint, *, changes: Changes, actor: Actor) -> ContactPoint:
    """Change a contact point for a client that reads phones in E.164."""
    return actions.update_contact_point(point, changes=changes, normalized_phone=True, actor=actor)


class ContactPoints(Resource):
    """Further ways to reach a customer, oldest first.

    The customer's own e-mail address and phone are not among them.
    """

    surface = v1
    scopes = CUSTOMERS
    queryset = ContactPoint.objects.oldest_first()
    parent = of_customer
    filterset_class = ArchivableFilters
    shows = {"*": addresses.ContactPointRecord}
    accepts = {"create": addresses.NewContactPoint, "partial_update": addresses.ChangedContactPoint}
    verbs = {
        "create": Verb(
            actions.create_contact_point,
            "Add a further e-mail address or phone number; a customer has at most 50.",
        ),
        "partial_update": Verb(
            _change_contact_point, "Change the value or the label of a contact point."
        ),
        "archive": Verb(
            actions.archive_contact_point,
            "Archive a contact point, at which the customer is reached no more.",
        ),
        "restore": Verb(actions.restore_contact_point, "Bring an archived contact point back."),
    }


class Users(Resource):
    """People who act for a customer, oldest first."""

    surface = accounts
    scopes = _USERS
    queryset = CustomerUser.objects.live().oldest_first()
    parent = of_customer
    shows = {"*": AccountUser}
    accepts = {"create": inputs.NewUser}
    verbs = {"create": Verb(actions.add_user, "Add a person who acts for the customer.")}


class CustomerUsers(Resource):
    """People who act for a customer, oldest first."""

    surface = v1
    scopes = _USERS
    queryset = CustomerUser.objects.oldest_first()
    parent = of_customer
    filterset_class = ArchivableFilters
    shows = {"*": outputs.UserRecord}
    accepts = {"create": inputs.NewUser, "partial_update": inputs.ChangedUser}
    verbs = {
        "create": Verb(actions.add_user, "Add a person who acts for the customer."),
        "partial_update": Verb(actions.change_user, "Change fields of a user."),
        "archive": Verb(actions.archive_user, "Archive a user, who acts for the customer no more."),
        "restore": Verb(actions.restore_user, "Bring an archived user back."),
    }


class CustomerNotes(Resource):
    """Notes about a customer, newest first.

    A note says what its author wrote at the time, so it is neither changed nor removed.
    """

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


class Balances(Resource):
    """The amounts that a customer owes, and the credits and passes that the customer can use."""

    surface = v1
    scopes = {"read": "invoices:read"}
    queryset = Customer.objects.oldest_first()
    shows = {"balance": balances.CustomerBalance}

    def balance(self, request: Any, id: str) -> HttpResponse:
        """Sum up what a customer has to pay, and the credits and passes that can be used."""
        return self.show_document(balances.balance_of(self.get_object()))


class Zones(Resource):
    """Service zones, newest first: the postal codes that each covers."""

    surface = v1
    scopes = {"read": "services:read", "write": "services:write"}
    queryset = Zone.objects.newest_first()
    filterset_class = ArchivableFilters
    shows = {"*": addresses.ServiceZone}
    accepts = {"create": addresses.NewZone, "partial_update": addresses.ChangedZone}
    verbs = {
        "create": Verb(actions.create_zone, "Make a service zone."),
        "partial_update": Verb(
            actions.change_zone, "Change a zone; its postal codes are replaced as a whole."
        ),
        "archive": Verb(archive_row, "Archive a zone, which finds nobody any more."),
        "restore": Verb(restore_row, "Bring a zone back."),
    }


class CustomerAudit(Resource):
    """List the changes of a customer and of all their objects, newest first.

    Each change names its author, its time and its reason, and is shown as in the feed of changes.
    """

    surface = v1
    scopes = {"read": "audit:read", "write": "audit:read"}
    queryset = shown_changes().newest_first()
    parent = of_customer
    filterset_class = ChangeFilters
    shows = {"*": RecordedChange}
