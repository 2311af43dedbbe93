"""Converts violations of database constraints to refusals."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import IntegrityError, transaction

from config.errors import Refusal


@contextmanager
def refusing(**refusals: Callable[[], Refusal]) -> Iterator[None]:
    """Run a write in a savepoint; if it violates a constraint, raise the refusal of that name.

    Example: `refusing(customer_external_id_once=ExternalIdTaken)`. A refusal can be a function,
    which may query the conflicting row: it is called after the savepoint was rolled back.
    """
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        broken = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)
        if broken in refusals:
            raise refusals[broken]() from error
        raise
