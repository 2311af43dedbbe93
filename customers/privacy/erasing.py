"""Erase the personal data in people's rows, and all mentions of them elsewhere.

Runs in the transaction of one erasure; the row of the erasure already has the people's ids.
"""

from typing import Any
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import connection, models
from django.db.models import F, Func, Q, QuerySet, Value
from django.db.models.functions import Cast, Coalesce

from config.changes.event_types import MODELS
from config.changes.models import Change
from config.jobs.actions import remove_all_files
from config.jobs.models import Job, JobRefusal
from config.requests.models import ApiRequest
from config.tenancy.actors import Actor
from config.tenancy.answers import KeptAnswer
from config.tenancy.personal import Personal
from config.times import Clock
from config.webhooks.models import WebhookEndpoint

from ..models import Customer, CustomerMerge, Erasure
from ..models.finding import sum_word_counts, tidy_names
from .holding import Words
from .registry import PersonalTable, personal_tables

_TEXTS = ArrayField(models.TextField())


class Mentions(Func):
    """Whether a column contains one of several ids or words."""

    function = "customers_mentions"
    output_field = models.BooleanField()

    def __init__(self, column: str, ids: list[str], words: list[str]) -> None:
        text = Cast(F(column), models.TextField())
        super().__init__(text, Value(ids, _TEXTS), Value(words, _TEXTS))


def mentioning[Rows: QuerySet[Any, Any]](rows: Rows, ids: list[str], words: list[str]) -> Rows:
    """Return the rows that mention a person in a column that can contain anybody's data."""
    personal: Personal = rows.model.personal
    condition = Q()
    for column in personal.mentions:
        condition |= Q(Mentions(column, ids, words))
    return rows.filter(condition)


def lock_webhooks(*, actor: Actor) -> None:
    """Prevent new webhook messages until the transaction ends: they would contain personal data."""
    endpoints = WebhookEndpoint.objects.visible_to(actor).order_by("pk")
    list(endpoints.select_for_update(no_key=True).values_list("pk"))


def erase_rows(people: list[UUID]) -> dict[str, int]:
    """Empty the personal columns of people's rows; returns the number of changed rows by table."""
    changed = {one.table: _empty(one, people) for one in personal_tables() if one.erased}
    return {table: count for table, count in changed.items() if count}


def _empty(table: PersonalTable, people: list[UUID]) -> int:
    values = dict(table.erased)
    filled = Q()
    for name, value in values.items():
        filled |= table.holding(name, value)
    if table.personal.archives:
        values["archived_at"] = Coalesce(F("archived_at"), Clock())
        filled |= Q(archived_at__isnull=True)
    if table.model is Customer:
        values |= {"erased_at": Clock(), "updated_at": Clock()}
        filled |= Q(erased_at__isnull=True)
    return table.rows_of(people).filter(filled).update(**values)


def erase_history(erasure: Erasure) -> int:
    """Erase people's values from the audit log; returns the number of changes.

    Also erases changes of a customer that they were merged into, if the merge or its undo made
    these changes.

    For a table that no longer exists, all values are erased, because its columns are unknown.
    """
    customers = CustomerMerge.objects.filter(merged__in=erasure.people, undone_at__isnull=False)
    kept = [*customers.values_list("kept_id", flat=True)]
    changes = Change.objects.filter(customer_id__in=[*erasure.people, *kept])
    erased = {one.table: [*one.personal.erase] for one in personal_tables()}
    emptied = 0
    for table in changes.order_by("table_name").values_list("table_name", flat=True).distinct():
        columns = erased.get(table, []) if table in MODELS else None
        emptied += _call("customers_erase_history", erasure.pk, table, columns)
    return emptied


def erase_mentions(erasure: Erasure, words: Words, *, actor: Actor) -> dict[str, int]:
    """Erase mentions of the person elsewhere; returns the number of changed rows by kind.

    Removes every file of completed background jobs, because files cannot be searched for words:
    each may contain the person.
    """
    messages, answers = _call("customers_erase_messages", erasure.pk, words.ids, words.strong)
    kept = mentioning(KeptAnswer.objects.visible_to(actor), words.ids, words.strong)
    requests = mentioning(ApiRequest.objects.visible_to(actor), words.ids, words.strong)
    refusals = mentioning(JobRefusal.objects.visible_to(actor), words.ids, words.weak)
    jobs = mentioning(Job.objects.visible_to(actor), words.ids, words.weak)
    return {
        "webhook_messages": messages,
        "webhook_answers": answers,
        "kept_answers": kept.update(body=KeptAnswer.ERASED),
        "requests": requests.remove(),
        "refused_rows": refusals.remove(),
        "background_work": sum(map(_empty_job, jobs)),
        "files": remove_all_files(actor=actor),
        "data_exports": _call("customers_erase_filters", erasure.pk, words.ids, words.weak),
    }


def sum_words() -> None:
    """Remove search words that no customer has any more."""
    sum_word_counts()
    tidy_names()


def _empty_job(job: Job) -> int:
    """Empty a background job, except its kind, its counts, its author and its times."""
    given = {
        name: job.parameters[name] for name in ("format", "archived") if name in job.parameters
    }
    if "name" in job.parameters:
        given["name"] = ""
    Job.objects.filter(pk=job.pk).update(
        title=job.kind, parameters=given, kept={}, message="", reason=""
    )
    return 1


def _call(function: str, *values: Any) -> Any:
    """Call a function in customers/sql/erasing.sql; returns its single value, or its row."""
    places = ", ".join(["%s"] * len(values))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {function}({places})", values)  # noqa: S608
        row = cursor.fetchone()
    return row[0] if len(row) == 1 else row
