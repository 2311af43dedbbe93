"""The memory of a dry run: customers as its undone batches left them, on this disk.

A real run finds them in the database. Here each batch is undone before the next, so that no
transaction is long and nobody waits; so what a batch wrote is kept aside, and found by its keys.
"""

import pickle
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Self
from uuid import UUID

from .stored import Key, Stored

AT_ONCE = 400


class Rehearsal:
    """Customers by their ids and keys; the file in which they are goes with it."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="regulars-")
        self._kept = sqlite3.connect(Path(self._folder.name) / "kept", isolation_level=None)
        self._kept.executescript(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"
            "CREATE TABLE one (id BLOB PRIMARY KEY, customer BLOB) WITHOUT ROWID;"
            "CREATE TABLE key (text BLOB, id BLOB, PRIMARY KEY (text, id)) WITHOUT ROWID;"
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self._kept.close()
        self._folder.cleanup()

    def keep(self, found: Iterable[Stored]) -> None:
        """Keep customers as a batch that is about to be undone has left them."""
        self._kept.execute("BEGIN")
        for one in found:
            id = one.customer.id.bytes
            self._kept.execute("REPLACE INTO one VALUES (?, ?)", [id, pickle.dumps(one)])
            keys = [(_written(key), id) for key in one.keys]
            self._kept.executemany("INSERT OR IGNORE INTO key VALUES (?, ?)", keys)
        self._kept.execute("COMMIT")

    def knows(self, ids: Iterable[UUID]) -> set[UUID]:
        """Return those of the ids whose customers are kept here."""
        found = self._each("SELECT id FROM one WHERE id IN (%s)", [id.bytes for id in ids])
        return {UUID(bytes=id) for (id,) in found}

    def find(self, keys: Iterable[Key], ids: Iterable[UUID]) -> Iterator[Stored]:
        """Yield the customers that have one of the keys or ids."""
        by_key = self._each(
            "SELECT id FROM key WHERE text IN (%s)", [_written(key) for key in keys]
        )
        wanted = {id for (id,) in by_key} | {id.bytes for id in ids}
        for (customer,) in self._each("SELECT customer FROM one WHERE id IN (%s)", list(wanted)):
            # Written above, by this very process, into a folder that is its own.
            yield pickle.loads(customer)  # noqa: S301

    def _each(self, statement: str, values: list[bytes]) -> Iterator[tuple[bytes]]:
        for at in range(0, len(values), AT_ONCE):
            some = values[at : at + AT_ONCE]
            yield from self._kept.execute(statement % ", ".join("?" * len(some)), some)


def _written(key: Key) -> bytes:
    return "\x1f".join(key).encode("utf-8", "surrogatepass")
