"""How customers are found by words: in SQL, as the full-text index is out of a query's reach.

Row-level security keeps queries from every index whose operators could tell of hidden rows. So
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
    """The ids of the active company's customers whose name, e-mail or phone has words so beginning.

    For every word of a query there has to be one.
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
    """The ids of customers whose display name has words that begin with those of the query."""

    kind = "n"


class Searched(Func):
    """The ids of the active company's customers that a search of staff matches."""

    function = "customers_searched"
    template = "(SELECT %(function)s(%(expressions)s))"
    output_field = models.UUIDField()
    subquery = True


class WithEmail(Func):
    """The ids of the active company's customers with an e-mail address, ignoring case."""

    function = "customers_with_email"
    template = "(SELECT %(function)s(%(expressions)s))"
    output_field = models.UUIDField()
    subquery = True

    def __init__(self, text: str | Combinable) -> None:
        super().__init__(Value(text) if isinstance(text, str) else text)


class WithEmails(WithEmail):
    """The ids of the active company's customers with one of several e-mail addresses."""

    template = "(SELECT %(function)s(unnest(%(expressions)s)))"

    def __init__(self, emails: Iterable[str]) -> None:
        super().__init__(Value([*emails], output_field=ArrayField(models.TextField())))


class Tagged(WithEmail):
    """The ids of the active company's customers that have a tag, ignoring case."""

    function = "customers_tagged"


class Reached(Searched):
    """The ids of the active company's customers whose contact points a search of staff matches."""

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
    """A search of staff as a condition that the database evaluates quickly.

    Rare words are looked up in the index. `common` is the tsquery of common words, whose hundreds
    of thousands of ids are slower than comparing the rows of the list; `has_points` says whether
    contact points match them as well.
    """

    query: str
    common: str
    has_points: bool

    @classmethod
    def of(cls, query: str) -> "Meaning":
        """Ask the database whether the words of a query are common."""
        with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
            cursor.execute(
                "SELECT common, common IS NOT NULL AND EXISTS (SELECT customers_reached(%s))"
                "  FROM customers_common(%s) AS common",
                [query, query],
            )
            common, has_points = cursor.fetchone()
        return cls(query, common or "", has_points)

    def by(self, way: str = "") -> Q:
        """Return the condition; `way` leads from the row to its customer: "customer__"."""
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
    """Sum up the active company's counts of words; return how many rows that saves."""
    return _run("SELECT customers_sum_counts()")


def tidy_names() -> int:
    """Forget the words of names that nobody in the active company has any more.

    It goes by the counts of words: sum them up before. Return how many rows that saves.
    """
    return _run("SELECT customers_tidy_names()")


def gather_names(most: int) -> bool:
    """Note the words of the names of the active company's next customers, `most` at a time.

    Return whether there are more customers. A week after the last one it begins again.
    """
    return bool(_run("SELECT customers_gather_names(%s)", most))


def _run(statement: str, *values: int) -> int:
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute(statement, values)
        return int(cursor.fetchone()[0])
