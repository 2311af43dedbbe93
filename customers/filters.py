"""Query parameters of the lists of customers (contract, sections 2 and 5)."""

import json
from collections.abc import Mapping
from typing import Any

import django_filters
from django.core.exceptions import ValidationError
from django.db.models import Subquery
from django.db.models.functions import Coalesce
from django_filters.constants import EMPTY_VALUES

from config.api.filter_fields import ExactField
from config.api.filtering import (
    ArchivedSwitch,
    Choice,
    Exact,
    Filters,
    Key,
    Moment,
    Sort,
    Switch,
    Words,
)
from config.api.problems import quoted
from config.jobs.models import Job

from .imports.fields import HEADINGS
from .models import Customer, Zone
from .models.customers import EMAIL_LENGTH, TAG_LENGTH
from .models.finding import Matching, Naming
from .shapes.stats import has_active_subscription


class CustomerKey(Key):
    """Compares with the id of a customer; that of a merged one means the one that stayed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, prefix=Customer.id_prefix, **kwargs)

    def filter(self, rows: Any, value: Any) -> Any:
        if value in EMPTY_VALUES:
            return rows
        stayed = Customer.objects.merged().order_by().filter(id=value).values("merged_into_id")
        return rows.filter(**{self.field_name: Coalesce(Subquery(stayed), value)})


class CustomerFilters(Filters):
    """How an app finds customers."""

    search = Words(
        Matching,
        help_text="Search terms. Each must match the start of a word of the name, the e-mail "
        "address or the phone, in any script, ignoring case and accents. A phone number or a text "
        "with an @ is also looked for among the contact points.",
    )
    status = Choice(
        Customer.ACTIVE,
        Customer.INACTIVE,
        Customer.DEACTIVATED,
        method="with_status",
        help_text="Absent: customers of every status.",
    )
    external_id = Exact(
        method="with_external_id",
        help_text="The customer's id in your own system, exactly. At most one customer that is not "
        "archived has it.",
    )
    email = Exact(
        method="with_email",
        longest=EMAIL_LENGTH,
        help_text="The whole e-mail address, ignoring case. Contact points are found by `search`.",
    )
    tag = Exact(
        method="with_tag",
        longest=TAG_LENGTH,
        help_text="A tag of the customer, as a whole, ignoring case: `VIP`.",
    )
    created_after = Moment("created_at", "gt", help_text="Created later than this.")
    updated_after = Moment(
        "updated_at",
        "gt",
        help_text="Changed later than this, by the customer's `updated_at`, which moves when the "
        "customer or one of its addresses changes, and not when `stats` or `subscription` do. To "
        "miss no change, follow `GET /v1/changes` instead.",
    )
    has_subscription = Switch(
        method="subscribed",
        help_text="Whether the customer has an active subscription, as in `stats`.",
    )
    zone_id = Key(
        method="in_zone",
        prefix=Zone.id_prefix,
        help_text="With a live address in this service zone.",
    )
    sort = Sort(
        "created_at",
        "updated_at",
        help_text="The order of the list, `-` for the latest first; `-created_at` unless given. "
        "With `updated_at`, a customer that changes while you turn pages moves to the end and is "
        "listed again; with `-updated_at` it moves to the front and may be missed.",
    )

    def with_external_id(self, rows: Any, name: str, value: Any) -> Any:
        return rows.known_as(value)

    def with_email(self, rows: Any, name: str, value: Any) -> Any:
        return rows.with_email(value)

    def with_tag(self, rows: Any, name: str, value: Any) -> Any:
        return rows.with_tag(value)

    def with_status(self, rows: Any, name: str, value: str) -> Any:
        return rows.with_status(value)

    def in_zone(self, rows: Any, name: str, value: Any) -> Any:
        return rows.in_zone(value)

    def subscribed(self, rows: Any, name: str, value: bool) -> Any:
        """With an active subscription, or without one."""
        active = has_active_subscription("pk")
        return rows.filter(active if value else ~active)


class AccountFilters(Filters):
    """How two documented clients go through all customers."""

    created_at_start = Moment("created_at", "gte", help_text="Created at this moment or later.")
    created_at_end = Moment("created_at", "lte", help_text="Created at this moment or before.")
    company_name = Words(
        Naming,
        help_text="Search terms. Each must match the start of a word of the customer's name.",
    )
    archived = ArchivedSwitch(help_text="Absent: archived customers too, flagged.")


class UpsertOptions(Filters):
    """The query parameters of an upsert."""

    external_id = Exact(
        required=True,
        help_text="The customer's id in your own system. A customer that is not archived and has "
        "it is changed; if there is none, one is created.",
    )


class ArchivingOptions(Filters):
    """The query parameters of archiving a customer."""

    end_open = Switch(
        help_text="End what is open in the same step: cancel the bookings to come and give back "
        "what they took, cancel subscriptions, void invoices and drafts that no money is kept for. "
        "Credits and passes stay, except passes whose invoice is voided. If one of them cannot be "
        "ended, nothing is changed."
    )


class RestoringOptions(Filters):
    """The query parameters of restoring a customer."""

    leave_clashes = Switch(
        help_text="Restore the rest although something that ended with the customer cannot come "
        "back, and leave that ended. Otherwise nothing is restored."
    )


class JobFilters(Filters):
    """How an app finds imports and exports."""

    status = Choice(
        *(state for state, _ in Job.STATES),
        field_name="state",
        help_text="How far it is. Absent: those of every status.",
    )


class ColumnsField(ExactField):
    """A JSON object of headings and the fields that they stand for."""

    def clean(self, value: Any) -> dict[str, str] | None:
        text = super().clean(value)
        if not text:
            return None
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict) or not all(isinstance(one, str) for one in found.values()):
            raise ValidationError(
                'Must be a JSON object of headings and fields, such as {"Mobile no.": "phone"}; '
                f"got {quoted(text)}."
            )
        return found


class Columns(django_filters.Filter):
    """Takes a JSON object of headings and fields."""

    field_class = ColumnsField
    schema = {"type": "string", "contentMediaType": "application/json", "maxLength": 4_000}


class ImportOptions(Filters):
    """The query parameters of an import."""

    name = Exact(
        longest=100,
        help_text="What the file is called; it gets the ending of its type. Absent: customers.",
    )
    encoding = Exact(
        longest=40,
        help_text="The encoding of the file, `cp1252` for example. Absent: the `charset` of the "
        "content type, or else that of the file's byte order mark, or else UTF-8.",
    )
    columns = Columns(
        max_length=4_000,
        help_text="A JSON object that says which field a column holds, by its heading: "
        '`{"Mobile no.": "phone", "Fax": ""}`; "" leaves a column out. Columns that it does not '
        "name are read as their headings say. Fields: "
        + ", ".join(f"`{one}`" for one in HEADINGS)
        + ".",
    )
    dry_run = Switch(
        help_text="Check every row, and write no customer. The import that is answered tells what "
        "would become of the file."
    )
    overwrite = Switch(
        help_text="Let a row with a known `external_id` make another person of that customer. "
        "Otherwise a row of which neither name, e-mail nor phone agrees is refused."
    )


class DuplicateFilters(Filters):
    """Which pairs of customers who are likely one person a client is shown."""

    customer_id = Key(
        method="of_customer",
        prefix=Customer.id_prefix,
        help_text="Pairs of which this customer is one.",
    )
    dismissed = Switch(
        method="said_to_differ",
        help_text="true: pairs of which somebody said that they are not the same. Absent or false: "
        "the others.",
    )

    @classmethod
    def read(cls, query: Mapping[str, str]) -> dict[str, Any]:
        """Return the values given; what was dismissed is left out unless it is asked for."""
        return {"dismissed": False, **super().read(query)}

    def of_customer(self, rows: Any, name: str, value: Any) -> Any:
        return rows.of_customer(value)

    def said_to_differ(self, rows: Any, name: str, value: bool) -> Any:
        return rows.dismissed() if value else rows.waiting()
