"""Customer search, which runs in SQL functions because queries cannot use the full-text index.

Row-level security keeps queries from every index whose operators could reveal hidden rows. So
functions that run as the owner (customers/sql/search.sql) read it, and compare the company in each
statement.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.postgres.fields import ArrayField
from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.models import F, Func, Q, Value
from django.db.models.expressions import Combinable


class Matching(Func):
    """Ids of the active company's customers who match a query by name, e-mail or phone.

    Every word of the query must match the beginning of a word.
    """

    function = "customers_matching"
    template = "(SELECT %(function)s(%(expressions)s))"
    output_field = models.UUIDField()
    subquery = True

    kind = "a"

    def __init__(self, query: str | Combinable) -> None:
        self.words = Value(query) if isinstance(query, str) else query
        super().__init__(self.words, Value(self.kind))

    def page(self, size: int | Combinable, offset: int | Combinable) -> Func:
        """Return the row of a numbered page, newest first: its `ids` and the exact `total`."""
        return Func(self.words, Value(self.kind), size, offset, function="customers_page")


class Naming(Matching):
    """Ids of customers whose display name has words that begin with the words of the query."""

    kind = "n"


class Searched(Func):
    """Ids of the active company's customers that match a search by staff."""

    function = "customers_searched"
    template = "(SELECT %(function)s(%(expressions)s))"
    output_field = models.UUIDField()
    subquery = True


class WithEmail(Func):
    """Ids of the active company's customers with an e-mail address, ignoring case."""

    function = "customers_with_email"
    template = "(SELECT %(function)s(%(expressions)s))"
    output_field = models.UUIDField()
    subquery = True

    def __init__(self, text: str | Combinable) -> None:
        super().__init__(Value(text) if isinstance(text, str) else text)


class WithEmails(WithEmail):
    """Ids of the active company's customers with one of several e-mail addresses."""

    template = "(SELECT %(function)s(unnest(%(expressions)s)))"

    def __init__(self, emails: Iterable[str]) -> None:
        super().__init__(Value([*emails], output_field=ArrayField(models.TextField())))


class Tagged(WithEmail):
    """Ids of the active company's customers that have a tag, ignoring case."""

    function = "customers_tagged"


class Reached(Searched):
    """Ids of the active company's customers with contact points that match a search by staff."""

    function = "customers_reached"


class AreTags(Func):
    """Whether an array is a valid list of tags."""

    function = "customers_are_tags"
    output_field = models.BooleanField()


class HasWords(Func):
    """Whether the words of a customer match a tsquery."""

    template = "%(expressions)s::tsquery"
    arg_joiner = " @@ "
    output_field = models.BooleanField()


@dataclass(frozen=True)
class Meaning:
    """A search by staff as a condition that the database evaluates quickly.

    Rare words are looked up in the index. `common` is the tsquery of common words, which match so
    many ids that comparing the listed rows is faster. `has_points` says whether contact points
    match the common words too.
    """

    query: str
    common: str
    has_points: bool

    @classmethod
    def of(cls, query: str) -> "Meaning":
        """Query whether the words of a search are common."""
        with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
            cursor.execute(
                "SELECT common, common IS NOT NULL AND EXISTS (SELECT customers_reached(%s))"
                "  FROM customers_common(%s) AS common",
                [query, query],
            )
            common, has_points = cursor.fetchone()
        return cls(query, common or "", has_points)

    def by(self, way: str = "") -> Q:
        """Return the condition; `way` is the path from the row to its customer: "customer__"."""
        if self.common:
            has_words = Q(HasWords(F(f"{way}search_words"), Value(self.common)))
            if not self.has_points:
                return has_words
            return has_words | Q(**{f"{way}id__in": Reached(Value(self.query))})
        return Q(**{f"{way}id__in": Searched(Value(self.query))})


FOUND = """
SELECT customer.id, customer.company_id, customer.first_name, customer.last_name, customer.name,
       customer.display_name, customer.email, customer.phone, customer.external_id,
       customer.is_active, customer.archived_at, found.is_similar
  FROM customers_found_or_similar(%s, %s) AS found
  JOIN customers_customer AS customer ON customer.id = found.id AND customer.company_id = %s
 ORDER BY found.place
"""


def sum_word_counts() -> int:
    """Sum up the active company's word counts; returns how many rows that removes."""
    return _run("SELECT customers_sum_counts()")


def tidy_names() -> int:
    """Remove name words that no customer of the active company has any more.

    Uses the word counts: sum them up before. Returns how many rows that removes.
    """
    return _run("SELECT customers_tidy_names()")


def gather_names(most: int) -> bool:
    """Store the name words of the active company's next customers, `most` at a time.

    Returns whether there are more customers. It starts again a week after the last customer.
    """
    return bool(_run("SELECT customers_gather_names(%s)", most))


def _run(statement: str, *values: int) -> int:
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute(statement, values)
        return int(cursor.fetchone()[0])
