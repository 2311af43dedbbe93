"""Customers on the M2M, v1 and accounts surfaces (contract, sections 1 to 3 and 5)."""

from typing import Any, cast
from uuid import UUID

from django.http import HttpResponse

from bookings.actions.bringing_back import bring_back_customer
from bookings.actions.winding_down import open_items, wind_down_customer
from config.access.models.clients import requires_match
from config.api import preconditions
from config.api.batches import BatchResource
from config.api.numbered_pages import NumberedPages, NumberedUnlessCursors
from config.api.problems import Problem, Refused, quoted
from config.api.resource import Resource
from config.api.surfaces import accounts, m2m, v1
from config.api.verbs import Verb
from config.errors import Invalid, Refusal

from .. import actions
from ..filters import (
    AccountFilters,
    ArchivingOptions,
    CustomerFilters,
    RestoringOptions,
    UpsertOptions,
)
from ..models import Customer
from ..shapes import inputs, outputs
from ..shapes.accounts import ChangedAccount, CustomerAccount, CustomerRecord, NewAccount
from ..shapes.batches import BatchResults
from ..shapes.state import READ_BY, CustomerState, may
from .duplicates import refuses_duplicates
from .parts import CUSTOMERS

_OPEN_ITEMS = {
    "Open-Items": "What the archived customer still has open, each with its number: `bookings=1, "
    "invoices=2`. Also `subscriptions`, `credits` and `passes`. Absent if nothing is open."
}
_BROUGHT_BACK = {
    "Brought-Back": "What was restored with the customer, each with its number: `bookings=1, "
    "subscriptions=1`. Absent if nothing else was restored."
}


class CustomerWrites(Resource):
    """The writes to customers that two surfaces share.

    A `contactable` customer has a name and a way to be reached. `invites` says whether a new
    customer is invited by default. `normalizes_phone` means that the surface shows phones in E.164;
    `displays_name` that it shows a person's first and last name as the name.
    """

    scopes = CUSTOMERS
    answer_headers = {"destroy": _OPEN_ITEMS, "archive": _OPEN_ITEMS, "restore": _BROUGHT_BACK}
    contactable = False
    invites = False
    normalizes_phone = False
    displays_name = False

    def create(self, request: Any) -> HttpResponse:
        """Create a customer."""
        fields = self.accepted()
        address = fields.pop("address", None)
        invite = fields.pop("send_invitation", self.invites)
        customer = actions.create_customer(
            Customer(**fields),
            address=address,
            contactable=self.contactable,
            invite=invite,
            known_others=self.known_others(),
            actor=self.actor,
        )
        return self.show(customer, status=201)

    def known_others(self) -> tuple[UUID, ...] | None:
        """Return () to refuse likely duplicates of any customer, or None to allow them."""
        return () if self.action in self.guarded and refuses_duplicates(self) else None

    def partial_update(self, request: Any, id: str) -> HttpResponse:
        """Change fields of a customer; what is left out stays."""
        customer, changes = self.get_object(), self.accepted()
        actions.update_customer(
            customer,
            address=changes.pop("address", None),
            changes=changes,
            contactable=self.contactable,
            normalized_phone=self.normalizes_phone,
            displayed_name=self.displays_name,
            actor=self.actor,
        )
        return self.show(customer)

    def wind_down(self, **asked: Any) -> HttpResponse:
        """Archive a customer; a response header names the rows that are still open."""
        customer = self.get_object()
        wind_down_customer(customer, **asked, actor=self.actor)
        answer = self.show(customer)
        if still_open := open_items([customer.pk], actor=self.actor)[customer.pk]:
            counts = (f"{name}={count}" for name, count in still_open.items())
            answer["Open-Items"] = ", ".join(counts)
        return answer

    def bring_back(self, **asked: Any) -> HttpResponse:
        """Restore a customer; a response header counts the other rows that came back."""
        customer = self.get_object()
        back = bring_back_customer(customer, **asked, actor=self.actor)
        answer = self.show(customer)
        counts = {"bookings": len(back.bookings), "subscriptions": len(back.subscriptions)}
        if named := [f"{name}={count}" for name, count in counts.items() if count]:
            answer["Brought-Back"] = ", ".join(named)
        return answer


class Accounts(CustomerWrites, Resource):
    """Customers as business accounts."""

    surface = accounts
    queryset = Customer.objects.oldest_first()
    filterset_class = AccountFilters
    shows = {"list": CustomerRecord, "*": CustomerAccount}
    accepts = {"create": NewAccount, "partial_update": ChangedAccount}
    query_options = {"destroy": ArchivingOptions, "restore": RestoringOptions}
    streams = True
    displays_name = True

    def destroy(self, request: Any, id: str) -> HttpResponse:
        """Archive a customer, who keeps everything and can be restored.

        The header `Open-Items` names what is still open.
        """
        return self.wind_down(**ArchivingOptions.read(self.query))

    def restore(self, request: Any, id: str) -> HttpResponse:
        """Restore an archived customer, and what the archiving ended.

        The header `Brought-Back` counts what was restored: `bookings=1, subscriptions=1`. If
        something cannot be restored, the response is a 409 `restore_clashes` that names it, unless
        `leave_clashes` is sent.
        """
        return self.bring_back(**RestoringOptions.read(self.query))


class Customers(CustomerWrites, BatchResource, Resource):
    """Customers, newest first."""

    surface = v1
    queryset = Customer.objects.newest_first()
    filterset_class = CustomerFilters
    shows = {"batch": BatchResults, "*": outputs.CustomerSummary}
    accepts = {
        "create": inputs.NewCustomer,
        "partial_update": inputs.ChangedCustomer,
        "upsert": inputs.UpsertedCustomer,
        "batch": inputs.CustomerBatch,
        "archive": inputs.Archiving,
        "restore": inputs.Restoring,
    }
    query_options = {"upsert": UpsertOptions}
    upserts = ("upsert",)
    guarded = ("create", "upsert", "batch")
    pages = NumberedUnlessCursors(cast(NumberedPages, v1.pages))
    contactable = True
    invites = True
    normalizes_phone = True
    verbs = {
        "pause": Verb(
            actions.pause_customer,
            "Mark a customer as inactive; bookings, subscriptions and credits go on.",
        ),
        "resume": Verb(actions.resume_customer, "Mark a paused customer as active again."),
    }

    def upsert(self, request: Any) -> HttpResponse:
        """Change the customer that has an external id, or create it (201).

        Fields that are left out stay as they are. A new customer is not invited unless the request
        asks for it. If only an archived customer has the external id, the answer is a 409
        `customer_archived`. The request can be sent again, and several at once make one customer.
        With `If-None-Match: *` it only creates, with `If-Match` it only changes.
        """
        fields = self.accepted()
        external_id = self.filters["external_id"]
        if fields.get("external_id", external_id) != external_id:
            sentence = f"Must be {quoted(external_id)}, as in the query, or be left out."
            raise Invalid.at("external_id", sentence)
        wanted = _wanted({**fields, "external_id": external_id}, self.known_others())
        customer, is_new = actions.upsert_customer(wanted, actor=self.actor)
        if not is_new and self.key not in self.path and preconditions.is_conditional(request):
            # Another request created the customer after the check of the precondition.
            self.path[self.key] = customer.pk
            preconditions.check(request, self.tag())
        return self.show(customer, status=201 if is_new else 200)

    def find_upserted(self) -> Customer | None:
        """Return the customer with the external id in the query, or None.

        Returns None for a missing external id too: it is refused later, together with errors in the
        body.
        """
        external_id = self.filters.get("external_id")
        if external_id is None:
            return None
        return actions.find_live_customer(external_id, actor=self.actor)

    def batch(self, request: Any) -> HttpResponse:
        """Create or change up to 100 customers, each by itself.

        A customer whose `external_id` is known is changed, and any other is created. One that is
        refused leaves no trace and does not stop the others. Nobody is invited unless the customer
        says `send_invitation`. An Idempotency-Key is for the whole batch.
        """
        asked = self.accept_each(inputs.UpsertedCustomer, self.accepted()["customers"])
        if requires_match(self.actor):
            asked = self._without_changes(asked)
        known_others = self.known_others()
        wanted = [_wanted(one, known_others) for one in asked if not isinstance(one, Problem)]
        became = iter(actions.upsert_customers(wanted, actor=self.actor))
        return self.show_each(
            "customer",
            [one if isinstance(one, Problem) else self._outcome(next(became)) for one in asked],
        )

    def _without_changes(self, asked: list[Any]) -> list[Any]:
        """Refuse the items that would change a customer: the client may not have read it."""
        given = {one.get("external_id", "") for one in asked if not isinstance(one, Problem)}
        known = actions.lock_known(given)
        sentence = (
            "This client changes only what it has seen. Change this customer with PUT or PATCH and "
            "If-Match."
        )
        refused = self.problem_with(Refused(428, "precondition_required", sentence))
        return [
            refused if not isinstance(one, Problem) and one.get("external_id") in known else one
            for one in asked
        ]

    def _outcome(self, became: actions.Upserted | Refusal) -> Problem | tuple[int, Customer]:
        if isinstance(became, Refusal):
            return self.problem_with(became)
        return (201 if became.is_new else 200), became.customer

    def archive(self, request: Any, id: str) -> HttpResponse:
        """Archive a customer, who keeps everything and can be restored.

        The header `Open-Items` names what is still open.
        """
        return self.wind_down(**self.accepted())

    def restore(self, request: Any, id: str) -> HttpResponse:
        """Restore an archived customer, and what the archiving ended.

        Subscriptions and future bookings are restored. A pass or a credit pays for a booking again
        if it can. What was paid with money has to be paid again, and voided invoices stay void. The
        header `Brought-Back` counts what was restored: `bookings=1, subscriptions=1`. Otherwise
        the response is a 409 `restore_clashes` that names the clashes; `?dry_run=true` asks before.
        """
        return self.bring_back(**self.accepted())


def _wanted(fields: dict[str, Any], known_others: tuple[UUID, ...] | None) -> actions.Wanted:
    """Return the customer in a request as an argument of `upsert_customer`."""
    return actions.Wanted(
        external_id=fields.pop("external_id", ""),
        address=fields.pop("address", {}),
        invite=fields.pop("send_invitation", False),
        known_others=known_others,
        fields=fields,
    )


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
        customer, changes = self.get_object(), self.accepted()
        actions.update_customer(customer, changes=changes, contactable=True, actor=self.actor)
        return self.show_message()


class States(Resource):
    """The whole of a customer in one call, as far as the scopes of the credential go."""

    surface = v1
    scopes = CUSTOMERS
    queryset = Customer.objects.newest_first()
    shows = {"*": CustomerState}

    def initial(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if self.action:
            self.values |= {may(scope): scope in self.actor.scopes for scope in READ_BY}
