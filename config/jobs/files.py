"""Files in chunks: each chunk is written or read in its own short transaction."""

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self
from uuid import UUID

from config.tenancy.actors import Actor
from config.tenancy.scoping import acting_for

from .errors import FileGone, NoFile, NotDoneYet
from .models import Chunk, Job, StoredFile, authored_by, files_of

CHUNK = 262_144
LONGEST_NAME = 120


class Writer:
    """Writes text and bytes as chunks; the file is whole once the block ends without an error.

    Writing and closing raise FileGone if the file was removed meanwhile.
    """

    def __init__(self, file: StoredFile) -> None:
        self.file = file
        self._waiting = bytearray()
        self._number = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: Any, *rest: Any) -> None:
        if kind is None:
            self._keep(len(self._waiting))
            self.file.is_whole = True
            with self._held():
                self.file.save(update_fields=["is_whole", "size", "about"])

    def write(self, piece: str | bytes) -> int:
        text = piece.encode("utf-8", "backslashreplace") if isinstance(piece, str) else piece
        self._waiting += text
        while len(self._waiting) >= CHUNK:
            self._keep(CHUNK)
        return len(piece)

    def writelines(self, pieces: Iterable[str | bytes]) -> None:
        for piece in pieces:
            self.write(piece)

    def _keep(self, size: int) -> None:
        if not size:
            return
        data = bytes(self._waiting[:size])
        del self._waiting[:size]
        with self._held():
            Chunk.objects.create(
                company_id=self.file.company_id, file=self.file, number=self._number, data=data
            )
        self._number += 1
        self.file.size += size

    @contextmanager
    def _held(self) -> Iterator[None]:
        """Lock the file in one transaction, so that it cannot be removed; raises FileGone."""
        with acting_for(self.file.company_id):
            rows = StoredFile.objects.filter(pk=self.file.pk, removed_at=None)
            if not rows.select_for_update(no_key=True).values_list("pk"):
                raise FileGone
            yield


def new_file(
    name: str, content_type: str, *, actor: Actor, job: Job | None = None, **about: Any
) -> Writer:
    """Return a writer for a new file of an actor, or of a job that the actor started."""
    with acting_for(actor.company_id):
        file = StoredFile.objects.create(
            company_id=actor.company_id,
            **authored_by(actor),
            job=job,
            attempt=job.attempt if job else 0,
            name=plain_name(name),
            content_type=content_type,
            about=about,
        )
    return Writer(file)


def result_of(job: Job, **of: object) -> StoredFile:
    """Return the file that a job made; `of` filters if it made several.

    Raises NotDoneYet, NoFile or FileGone.
    """
    if not job.is_over:
        raise NotDoneYet
    file = files_of(job).filter(**of).first()
    if file is None:
        raise NoFile
    if not file.can_be_read:
        raise FileGone
    return file


def chunks_of(file: StoredFile) -> Iterator[bytes]:
    """Yield the chunks of a file; raises FileGone."""
    if not file.can_be_read:
        raise FileGone
    number = 0
    while (data := _chunk(file.company_id, file.pk, number)) is not None:
        yield data
        number += 1


@contextmanager
def local_copy(file: StoredFile) -> Iterator[Path]:
    """Yield the path of a temporary copy of a file, under its own name; raises FileGone."""
    with tempfile.TemporaryDirectory(prefix="regulars-") as folder:
        path = Path(folder) / file.name
        with path.open("wb") as handle:
            handle.writelines(chunks_of(file))
        yield path


def plain_name(name: str) -> str:
    """Return a file name without folders and without characters that a name cannot have."""
    last = name.replace("\\", "/").rpartition("/")[2]
    printable = "".join(letter for letter in last if letter.isprintable()).strip(". ")
    stem, dot, suffix = printable.rpartition(".")
    if not dot:
        return printable[:LONGEST_NAME] or "file"
    return f"{stem[: LONGEST_NAME - 12]}.{suffix[:10]}"


def _chunk(company: UUID, file: UUID, number: int) -> bytes | None:
    with acting_for(company):
        rows = Chunk.objects.filter(file_id=file, number=number)
        data = rows.values_list("data", flat=True).first()
    return None if data is None else bytes(data)
