"""Cases by the hundred on rows that are made once: each case is undone, and each is told apart."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.db import transaction

# Enough for the workers of a large machine, few enough that making rows does not count.
SHARES = 6


def shares[T](cases: Sequence[T]) -> list[list[T]]:
    """Deal cases out into as many shares as tests are made of them."""
    return [list(cases[start::SHARES]) for start in range(min(SHARES, len(cases)))]


@contextmanager
def undone() -> Iterator[None]:
    """Take back whatever a case writes, so that the next finds the rows as they were."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
