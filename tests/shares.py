"""Splits hundreds of cases into a few tests that share rows; each case is rolled back."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.db import transaction

# One share per core of a small machine; each share makes its rows again.
SHARES = 2


def shares[T](cases: Sequence[T], into: int = SHARES) -> list[list[T]]:
    """Split cases into shares; one test runs for each share."""
    return [list(cases[start::into]) for start in range(min(into, len(cases)))]


@contextmanager
def undone() -> Iterator[None]:
    """Roll back all writes of a case, so that the next case finds the original rows."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
