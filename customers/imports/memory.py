"""The rows that an import has processed, stored on disk so that its memory does not grow.

Stores which customers the rows matched and, for a dry run, the customers as its batches left them.
A real run finds those in the database. A dry run rolls back each batch before the next, so that no
transaction is long and nobody waits; the results of a batch are saved here, and found by their
keys.
"""

import pickle
import sqlite3
from collections.abc import Iterable, Iterator
from typing import Self
from uuid import UUID

from .stored import Key, Stored

AT_ONCE = 400


class OnDisk:
    """SQLite tables in an unnamed file, which is deleted when they are closed."""

    def __init__(self, tables: str) -> None:
        self._kept = sqlite3.connect("", isolation_level=None)
        self._kept.executescript(f"PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; {tables}")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self._kept.close()

    def _each(self, statement: str, values: list[bytes]) -> Iterator[tuple[bytes, int]]:
        """Yield the rows of a statement with a list of values, which may be long."""
        for at in range(0, len(values), AT_ONCE):
            some = values[at : at + AT_ONCE]
            yield from self._kept.execute(statement % ", ".join("?" * len(some)), some)


class Claims(OnDisk):
    """The line of the row that matched each customer; memory has only those of the batch."""

    def __init__(self) -> None:
        super().__init__("CREATE TABLE claim (id BLOB PRIMARY KEY, line INTEGER) WITHOUT ROWID;")
        self._here: dict[UUID, int] = {}
        self._new: list[tuple[bytes, int]] = []

    def fetch(self, ids: Iterable[UUID]) -> None:
        """Begin a batch whose rows could match these customers."""
        self._kept.execute("BEGIN")
        self._kept.executemany("REPLACE INTO claim VALUES (?, ?)", self._new)
        self._kept.execute("COMMIT")
        self._new.clear()
        statement = "SELECT id, line FROM claim WHERE id IN (%s)"
        found = self._each(statement, [id.bytes for id in ids])
        self._here = {UUID(bytes=id): line for id, line in found}

    def __contains__(self, id: UUID) -> bool:
        return id in self._here

    def __getitem__(self, id: UUID) -> int:
        return self._here[id]

    def __setitem__(self, id: UUID, line: int) -> None:
        self._here[id] = line
        self._new.append((id.bytes, line))


class Rehearsal(OnDisk):
    """The customers of a dry run by their ids and keys."""

    def __init__(self) -> None:
        super().__init__(
            "CREATE TABLE one (id BLOB PRIMARY KEY, customer BLOB) WITHOUT ROWID;"
            "CREATE TABLE key (text BLOB, id BLOB, PRIMARY KEY (text, id)) WITHOUT ROWID;"
        )

    def keep(self, found: Iterable[Stored]) -> None:
        """Save customers in the state in which a batch leaves them, before it is rolled back."""
        self._kept.execute("BEGIN")
        for one in found:
            id = one.customer.id.bytes
            self._kept.execute("REPLACE INTO one VALUES (?, ?)", [id, pickle.dumps(one)])
            keys = [(_written(key), id) for key in one.keys]
            self._kept.executemany("INSERT OR IGNORE INTO key VALUES (?, ?)", keys)
        self._kept.execute("COMMIT")

    def knows(self, ids: Iterable[UUID]) -> set[UUID]:
        """Return the ids whose customers are saved here."""
        found = self._each("SELECT id, 0 FROM one WHERE id IN (%s)", [id.bytes for id in ids])
        return {UUID(bytes=id) for id, _none in found}

    def find(self, keys: Iterable[Key], ids: Iterable[UUID]) -> Iterator[Stored]:
        """Yield the customers that have one of the keys or ids."""
        by_key = self._each(
            "SELECT id, 0 FROM key WHERE text IN (%s)", [_written(key) for key in keys]
        )
        wanted = [*({id for id, _none in by_key} | {id.bytes for id in ids})]
        statement = "SELECT customer, 0 FROM one WHERE id IN (%s)"
        for customer, _none in self._each(statement, wanted):
            # This process wrote the data itself, into its own file.
            yield pickle.loads(customer)  # noqa: S301


def _written(key: Key) -> bytes:
    return "\x1f".join(key).encode("utf-8", "surrogatepass")
