from typing import Self
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from config.tenancy.companies import Company
from config.tenancy.models import TenantModel, index, once
from config.tenancy.personal import Personal
from config.tenancy.scoping import TenantQuerySet

# Tables with the identity and the contact details of a customer.
OF_A_RECORD = (
    *("customers_customer", "customers_address", "customers_contactpoint"),
    *("customers_customeruser", "billing_paymentmethod"),
)


class ChangeQuerySet(TenantQuerySet["Change"]):
    """Changes of rows of a company, each once, in the order of `id`."""

    def of_customer(self, customer_id: UUID) -> Self:
        """Return the changes of a customer and of all their objects."""
        return self.filter(customer_id=customer_id)

    def public(self) -> Self:
        """Return the changes that integrators may see: all but those of staff and credentials."""
        return self.exclude(table_name__startswith="access_")

    def of_object(self, object_id: UUID) -> Self:
        return self.filter(object_id=object_id)

    def update(self, **kwargs: object) -> int:
        raise TypeError("Changes are recorded by the database, and never changed.")


class Change(models.Model):
    """One change of one row: its author, credential, time, values before and after, and reason.

    Triggers write it in the transaction of the change itself (`KeepChanges`), so bulk statements,
    raw SQL and COPY are recorded too. Rows are never changed or removed. `before` and `after` have
    the values of the columns that changed, by column name. The ids of changes of one object are in
    the order of the changes. `feed.settled` returns the id up to which every change is visible.
    """

    personal = Personal(
        mentions=("before", "after", "reason"),
        impersonal=("table_name", "actor_name", "request_id"),
    )

    class Operation(models.TextChoices):
        CREATED = "created", _("created")
        CHANGED = "changed", _("changed")
        DELETED = "deleted", _("deleted")

    class Kind(models.TextChoices):
        """The kind of an author; DATABASE is a direct session of PostgreSQL, such as psql."""

        STAFF = "staff", _("staff")
        CLIENT = "client", _("API client")
        KEY = "key", _("API key")
        COMMAND = "command", _("command")
        DATABASE = "database", _("database")

    id = models.BigAutoField(primary_key=True)
    # A foreign key would cost a lookup for each row of a bulk statement; companies are never
    # removed.
    company = models.ForeignKey(
        Company, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    at = models.DateTimeField(_("at"))
    table_name = models.CharField(_("table"), max_length=63)
    object_id = models.UUIDField(_("object"))
    customer_id = models.UUIDField(_("customer"), null=True)
    operation = models.CharField(_("what happened"), max_length=7, choices=Operation)
    before = models.JSONField(_("before"), null=True)
    after = models.JSONField(_("after"), null=True)
    actor_kind = models.CharField(_("kind of actor"), max_length=8, choices=Kind)
    actor_name = models.CharField(_("by"), max_length=255)
    credential_id = models.UUIDField(_("credential"), null=True)
    request_id = models.CharField(_("request"), max_length=128)
    reason = models.CharField(_("reason"), max_length=500)

    objects = ChangeQuerySet.as_manager()

    class Meta:
        verbose_name = _("change")
        verbose_name_plural = _("changes")
        constraints = (once("change_of_company", "id"),)
        indexes = (
            index(
                "change_of_customer",
                "customer_id",
                "-id",
                condition=models.Q(customer_id__isnull=False),
            ),
            index("change_of_object", "object_id", "-id"),
            # Finds the start of the feed since a moment.
            index("change_since", "at"),
            # The timeline of a customer: the changes of their record, by time.
            index(
                "change_of_whole_record",
                "customer_id",
                "table_name",
                "at",
                condition=models.Q(operation="changed", table_name__in=OF_A_RECORD),
            ),
        )

    def __str__(self) -> str:
        return f"{self.table_name} {self.operation}"


class DataExportQuerySet(TenantQuerySet["DataExport"]):
    """The log of data exports."""

    def update(self, **kwargs: object) -> int:
        raise TypeError("The log of data exports is appended to, and never changed.")


class DataExport(TenantModel):
    """One export of customer data: its author, list, size, time and request.

    Entries are never changed or removed. `what` names the list, `query` is the filter of its rows
    or the name of the file, and `count` is the number of rows, if known. `customer_id` is the
    person whose data was exported, `job_id` the job that made the file.
    """

    class Kind(models.TextChoices):
        LIST = "list", _("list as it was shown")
        CUSTOMERS = "customers", _("all customers")
        PERSON = "person", _("everything about one person")
        FILE = "file", _("download of a file")
        STREAM = "stream", _("all customers over the API")

    id_prefix = "dex_"
    personal = Personal(mentions=("query",), impersonal=("what", "actor_name", "request_id"))

    kind = models.CharField(_("what was taken"), max_length=9, choices=Kind)
    what = models.CharField(_("of"), max_length=200, blank=True)
    query = models.CharField(_("filter or file"), max_length=1000, blank=True)
    count = models.BigIntegerField(_("rows"), null=True)
    customer_id = models.UUIDField(_("customer"), null=True)
    job_id = models.UUIDField(_("background work"), null=True)
    actor_kind = models.CharField(_("kind of actor"), max_length=8, choices=Change.Kind)
    actor_name = models.CharField(_("by"), max_length=255)
    credential_id = models.UUIDField(_("credential"), null=True)
    request_id = models.CharField(_("request"), max_length=128, blank=True)

    objects = DataExportQuerySet.as_manager()

    class Meta(TenantModel.Meta):
        verbose_name = _("data export")
        verbose_name_plural = _("data exports")
        indexes = (
            index(
                "data_export_of_customer",
                "customer_id",
                condition=models.Q(customer_id__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.what}".strip()
