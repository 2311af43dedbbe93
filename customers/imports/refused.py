"""Reports of rows: copies of the imported file, to be corrected and imported again."""

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Self, TextIO

from django.utils.translation import gettext as _

from .errors import UnreadableFile
from .tables import Row, Table


class RefusedFile:
    """Writes refused rows with `line` and `reason`; without refused rows there is no file.

    An import of the corrected file skips the two columns. Card numbers are masked. `written` is the
    path once a row is written, and `count` the number of rows.
    """

    holds = "refused"

    def __init__(self, path: Path, table: Table, mapping: Mapping[str, str]) -> None:
        if path.exists() and path.samefile(table.path):
            raise UnreadableFile(
                _("%(path)s is the file to import: report refused rows in another.")
                % {"path": path}
            )
        if path.is_dir() or not path.parent.is_dir():
            raise UnreadableFile(
                _("%(path)s cannot be written: it needs a folder that is there.") % {"path": path}
            )
        self.path, self.table, self.mapping = path, table, mapping
        self.written: Path | None = None
        self.count = 0
        self._handle: TextIO | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        if self._handle is not None:
            self._handle.close()

    def __call__(self, row: Row, reason: str) -> None:
        if self._handle is None:
            self._handle = self._open()
        self.count += 1
        self._handle.write(self.table.report(self.table.masked(row, self.mapping), reason))
        self._handle.flush()

    def _open(self) -> TextIO:
        try:
            handle = self.path.open("w", encoding="utf-8", errors="backslashreplace", newline="")
        except OSError as error:
            raise UnreadableFile(
                _("%(path)s cannot be written: %(strerror)s.")
                % {"path": self.path, "strerror": error.strerror}
            )
        self.written = self.path
        handle.write(self.table.report_heading(taken=self.holds != RefusedFile.holds))
        return handle


class LeftFile(RefusedFile):
    """Writes accepted rows with skipped values, each with the id of its customer.

    A corrected row that is imported again changes that customer, whatever its name and its id.
    """

    holds = "left"


def place_beside(table: Table, holds: str = RefusedFile.holds) -> Path:
    """Return the path of a report: beside the file, else here, else in a temporary folder.

    The report of `customers.csv` is `customers.refused.csv`, or has the next free number: somebody
    may be correcting the existing file.
    """
    folders = (table.path.parent, Path.cwd(), Path(tempfile.gettempdir()))
    folder = next((one for one in folders if os.access(one, os.W_OK | os.X_OK)), folders[-1])
    stem, number = table.path.stem.removesuffix(".refused").removesuffix(".left"), 1
    stem = f"{stem}.{holds}"
    while (path := folder / _name(stem, number, table.suffix)).exists():
        number += 1
    return path


def _name(stem: str, number: int, suffix: str) -> str:
    return f"{stem}{f'-{number}' if number > 1 else ''}{suffix}"
