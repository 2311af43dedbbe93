from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from config.times import Clock

from .companies import Company
from .ids import new_id
from .scoping import Field, active_company

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class TenantForeignKey(models.ForeignKey):
    """A foreign key to a row of the same company.

    `ProtectTable` adds the constraint on `(company_id, …_id)`. Row-level security does not apply to
    checks of foreign keys, so Django's single-column constraint would allow references to rows of
    other companies.
    """

    def __init__(self, to: Any, on_delete: Any = models.PROTECT, **kwargs: Any) -> None:
        kwargs["db_constraint"] = False
        self._has_own_name = "verbose_name" in kwargs
        super().__init__(to, on_delete, **kwargs)

    def get_joining_fields(self, reverse_join: bool = False) -> tuple[tuple[Field, Field], ...]:
        """Also join on the company, so that statements filter each table by the company."""
        company, theirs = (
            model._meta.get_field("company") for model in (self.model, self.remote_field.model)
        )
        pair: Any = (theirs, company) if reverse_join else (company, theirs)
        return (pair, *super().get_joining_fields(reverse_join))

    def get_extra_descriptor_filter(self, instance: models.Model) -> dict[str, object]:
        """Also filter by the instance's company when the related row is loaded."""
        company = vars(instance).get("company_id")
        return {"company_id": company} if company else {}

    def get_limit_choices_to(self) -> dict[str, object]:
        """Limit the choices of forms to rows of the active company."""
        return {"company_id": active_company()}

    def do_related_class(self, other: type[models.Model], cls: type[models.Model]) -> None:
        """Take the verbose name of the related model, unless the field has its own."""
        name = other._meta.verbose_name
        if name is not None and not self._has_own_name:
            self.verbose_name = name
        super().do_related_class(other, cls)


def noun_of(model: type[models.Model]) -> str:
    """Return the noun for a row in errors: `noun` of the model, or else its verbose name."""
    return str(getattr(model, "noun", model._meta.verbose_name))


def index(
    name: str, *fields: str, condition: models.Q | None = None, include: Sequence[str] = ()
) -> models.Index:
    """Return an index on the company and these fields."""
    fields = ("company", *fields)
    return models.Index(fields=fields, name=name, condition=condition, include=include or None)


def once(
    name: str,
    *fields: str,
    condition: models.Q | None = None,
    message: "StrOrPromise | None" = None,
) -> models.UniqueConstraint:
    """Return a unique constraint on the company and these fields.

    `message` is the error of a form that would violate it.
    """
    return models.UniqueConstraint(
        fields=("company", *fields), name=name, condition=condition, violation_error_message=message
    )


def check(name: str, condition: models.Q) -> models.CheckConstraint:
    """Return a check constraint."""
    return models.CheckConstraint(condition=condition, name=name)


class TenantModel(models.Model):
    """Base class of models whose rows belong to a company."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+", editable=False)
    created_at = models.DateTimeField(_("created at"), db_default=Now(), editable=False)

    class Meta:
        abstract = True
        constraints = [once("%(app_label)s_%(class)s_company", "id")]

    def refresh_from_db(
        self,
        using: str | None = None,
        fields: Iterable[str] | None = None,
        from_queryset: models.QuerySet[Self] | None = None,
    ) -> None:
        """Reload the row by a statement that filters by its company."""
        company = vars(self).get("company_id")
        if from_queryset is None and company is not None:
            rows = type(self)._base_manager.db_manager(using, hints={"instance": self})
            from_queryset = rows.filter(company_id=company)
        super().refresh_from_db(using, fields, from_queryset)

    def _do_update(self, base_qs: Any, *args: Any) -> Any:
        """Update the row by a statement that filters by its company."""
        company = vars(self).get("company_id")
        rows = base_qs if company is None else base_qs.filter(company_id=company)
        return super()._do_update(rows, *args)


class UpdatedAt(models.DateTimeField):
    """The time of the last save, by the database's clock; never before `created_at`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "auto_now": True})

    def deconstruct(self) -> tuple[str, str, Sequence[object], dict[str, object]]:
        """Deconstruct to a plain DateTimeField, since the clock is not part of the schema."""
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.DateTimeField", args, kwargs

    def pre_save(self, model_instance: models.Model, add: bool) -> Now | Clock:
        # A new row uses the time of the statement, as `created_at` does.
        now = Now() if add else Clock()
        setattr(model_instance, self.attname, now)
        return now


class Archivable(TenantModel):
    """Base class of models whose rows are archived and restored, and never deleted."""

    archived_at = models.DateTimeField(_("archived at"), null=True, blank=True, editable=False)

    class Meta(TenantModel.Meta):
        abstract = True

    @property
    def is_archived(self) -> bool:
        return self.archived_at is not None


class Named(Archivable):
    """Base class of archivable models with a name."""

    name = models.CharField(_("name"), max_length=200)

    class Meta(TenantModel.Meta):
        abstract = True

    def __str__(self) -> str:
        return self.name
