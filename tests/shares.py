"""Cases by the hundred on rows that are made once: each case is undone, and each is told apart."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.db import transaction

# As many as a small machine has cores: each share makes its rows anew.
SHARES = 2


def shares[T](cases: Sequence[T], into: int = SHARES) -> list[list[T]]:
    """Deal cases out into as many shares as tests are made of them."""
    return [list(cases[start::into]) for start in range(min(into, len(cases)))]


@contextmanager
def undone() -> Iterator[None]:
    """Take back whatever a case writes, so that the next finds the rows as they were."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
