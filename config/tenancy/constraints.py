"""Refusals for database constraints, which are the one home of the rule that they hold."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import IntegrityError, transaction

from config.errors import Refusal


@contextmanager
def refusing(**refusals: Callable[[], Refusal]) -> Iterator[None]:
    """Run a write in a savepoint, and raise the refusal whose constraint it breaks.

    `refusing(customer_external_id_once=ExternalIdTaken)` names the constraint. A function may look
    up what stands in the way: the savepoint is rolled back before it is called.
    """
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        broken = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)
        if broken in refusals:
            raise refusals[broken]() from error
        raise
