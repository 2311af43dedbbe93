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
from .shapes import words
from .shapes.inputs import END_OPEN, LEAVE_CLASHES
from .shapes.stats import has_active_subscription


class CustomerKey(Key):
    """Filters by a customer's id; the id of a merged customer means the remaining one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        own = (
            "Only objects of this customer. The id of a merged customer means the one that stayed."
        )
        super().__init__(*args, prefix=Customer.id_prefix, **{"help_text": own, **kwargs})

    def filter(self, rows: Any, value: Any) -> Any:
        if value in EMPTY_VALUES:
            return rows
        stayed = Customer.objects.merged().order_by().filter(id=value).values("merged_into_id")
        return rows.filter(**{self.field_name: Coalesce(Subquery(stayed), value)})


class CustomerFilters(Filters):
    """Filters for customers."""

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
        help_text=f"Only customers in this status. {words.STATUS} Absent: customers of every "
        "status.",
    )
    external_id = Exact(
        method="with_external_id",
        help_text="Only customers with this id of your own system, exactly as stored. At most one "
        "customer that is not archived has it.",
    )
    email = Exact(
        method="with_email",
        longest=EMAIL_LENGTH,
        help_text="Only customers with this e-mail address, whole and ignoring case. `search` also "
        "finds the addresses of contact points.",
    )
    tag = Exact(
        method="with_tag",
        longest=TAG_LENGTH,
        help_text="Only customers with this tag, whole and ignoring case: `VIP`.",
    )
    created_after = Moment(
        "created_at", "gt", help_text="Only customers created after this moment."
    )
    updated_after = Moment(
        "updated_at",
        "gt",
        help_text="Only customers whose `updated_at` is after this moment: the customer or one of "
        "its addresses changed. Changes of `stats` and `subscription` do not count. To miss no "
        "change, follow `GET /v1/changes` instead.",
    )
    has_subscription = Switch(
        method="subscribed",
        help_text="true: only customers with an active subscription. false: only customers "
        "without one.",
    )
    zone_id = Key(
        method="in_zone",
        prefix=Zone.id_prefix,
        help_text="Only customers with an address in this service zone. Archived addresses do not "
        "count.",
    )
    sort = Sort(
        "created_at",
        "updated_at",
        help_text="The order of the list; `-` means the latest first. Absent: `-created_at`. With "
        "`updated_at`, a customer that changes while you read pages moves to the end and is listed "
        "again; with `-updated_at` it moves to the front and may be missed.",
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
        """Filter for customers with or without an active subscription."""
        active = has_active_subscription("pk")
        return rows.filter(active if value else ~active)


class AccountFilters(Filters):
    """The filters of two documented clients for customers."""

    created_at_start = Moment(
        "created_at", "gte", help_text="Only customers created at this moment or later."
    )
    created_at_end = Moment(
        "created_at", "lte", help_text="Only customers created at this moment or before."
    )
    company_name = Words(
        Naming,
        help_text="Search terms. Each must match the start of a word of the customer's name, "
        "ignoring case and accents.",
    )
    archived = ArchivedSwitch(
        help_text="true: only archived customers. false: only customers that are not archived. "
        "Absent: all of them; `archived` tells them apart."
    )


class UpsertOptions(Filters):
    """The query parameters of an upsert."""

    external_id = Exact(
        required=True,
        help_text="The customer's id in your own system. A customer that is not archived and has "
        "it is changed; if there is none, one is created.",
    )


class ArchivingOptions(Filters):
    """The query parameters of archiving a customer."""

    end_open = Switch(help_text=END_OPEN)


class RestoringOptions(Filters):
    """The query parameters of restoring a customer."""

    leave_clashes = Switch(help_text=LEAVE_CLASHES)


class JobFilters(Filters):
    """Filters for imports and exports."""

    status = Choice(
        *(state for state, _ in Job.STATES),
        field_name="state",
        help_text="Only those in this status. Absent: those of every status. `queued` waits for "
        "its turn; `failed` has the reason in `message`.",
    )


class ColumnsField(ExactField):
    """A JSON object that maps headings to fields."""

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
    """A query parameter with a JSON object that maps headings to fields."""

    field_class = ColumnsField
    schema = {"type": "string", "contentMediaType": "application/json", "maxLength": 4_000}


class ImportOptions(Filters):
    """The query parameters of an import."""

    name = Exact(
        longest=100,
        help_text="The name of the file; the ending of its type is added if it is missing. Absent: "
        "`customers`.",
    )
    encoding = Exact(
        longest=40,
        help_text="The encoding of the file, `cp1252` for example. Absent: the `charset` of the "
        "content type, or else that of the file's byte order mark, or else UTF-8.",
    )
    columns = Columns(
        max_length=4_000,
        help_text="A JSON object that says which field each column holds, by its heading: "
        '`{"Mobile no.": "phone", "Fax": ""}`; "" leaves a column out. Other columns are read by '
        "their headings. Fields: " + ", ".join(f"`{one}`" for one in HEADINGS) + ".",
    )
    dry_run = Switch(
        help_text="true: check every row and write no customer. The answered import then shows "
        "what the file would change. Absent or false: import the file."
    )
    overwrite = Switch(
        help_text="true: a row whose `external_id` a customer has changes that customer in any "
        "case. Absent or false: the row is refused if neither name, e-mail nor phone agrees."
    )


class DuplicateFilters(Filters):
    """Filters for pairs of likely duplicates."""

    customer_id = Key(
        method="of_customer",
        prefix=Customer.id_prefix,
        help_text="Only pairs of which this customer is one.",
    )
    dismissed = Switch(
        method="said_to_differ",
        help_text="true: only pairs that somebody dismissed, because they are two people. Absent "
        "or false: only the other pairs.",
    )

    @classmethod
    def read(cls, query: Mapping[str, str]) -> dict[str, Any]:
        """Return the given values; by default dismissed pairs are left out."""
        return {"dismissed": False, **super().read(query)}

    def of_customer(self, rows: Any, name: str, value: Any) -> Any:
        return rows.of_customer(value)

    def said_to_differ(self, rows: Any, name: str, value: bool) -> Any:
        return rows.dismissed() if value else rows.waiting()
