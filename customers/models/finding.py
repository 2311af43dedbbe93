"""How customers are found by words: in SQL, as the full-text index is out of a query's reach.

Row-level security keeps queries from every index whose operators could tell of hidden rows. So
functions that run as the owner look into it, with the company written into their statements.
"""

from dataclasses import dataclass
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.models import F, Func, Q, Value


class Matching(Func):
    """The ids of the active company's customers whose name, e-mail or phone has words so beginning.

    For every word of a query there has to be one.
    """

    function = "customers_matching"
    template = "(SELECT %(function)s(%(expressions)s))"
    output_field = models.UUIDField()
    subquery = True

    kind = "a"

    def __init__(self, query: Any) -> None:
        words = Value(query) if isinstance(query, str) else query
        super().__init__(words, Value(self.kind))


class Naming(Matching):
    """The ids of those whose name, as it is shown, has words so beginning."""

    kind = "n"


class Searched(Func):
    """The ids of the active company's customers whom staff may mean by a query."""

    function = "customers_searched"
    template = "(SELECT %(function)s(%(expressions)s))"
    output_field = models.UUIDField()
    subquery = True


class HasWords(Func):
    """Whether a customer has the words that a tsquery asks for."""

    template = "%(expressions)s::tsquery"
    arg_joiner = " @@ "
    output_field = models.BooleanField()


@dataclass(frozen=True)
class Meaning:
    """What staff mean by a query, as a condition that the database is quick with.

    What is rare is looked up in the index of words. `common` is the tsquery of what is not: it
    would bring hundreds of thousands of ids, and is read off the list that is asked for.
    """

    query: str
    common: str

    @classmethod
    def of(cls, query: str) -> "Meaning":
        """Ask the database which of the two it is."""
        with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
            cursor.execute("SELECT customers_common(%s)", [query])
            found = cursor.fetchone()
        return cls(query, (found and found[0]) or "")

    def by(self, way: str = "") -> Q:
        """Return the condition; `way` leads from the row to its customer: "customer__"."""
        if self.common:
            return Q(HasWords(F(f"{way}search_words"), Value(self.common)))
        return Q(**{f"{way}id__in": Searched(Value(self.query))})


FOUND = """
SELECT customer.id, customer.company_id, customer.first_name, customer.last_name, customer.name,
       customer.display_name, customer.email, customer.phone, customer.external_id,
       customer.is_active, customer.archived_at
  FROM customers_found(%s, %s) AS found
  JOIN customers_customer AS customer ON customer.id = found.id AND customer.company_id = %s
 ORDER BY found.place
"""
