"""A file as a table: its headings, the number of its rows, and the rows with their lines."""

import json
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any, ClassVar, TextIO

from django.utils.translation import gettext as _

from config.card_numbers import NUMBERS, mask_card_numbers

from .encodings import find_encoding, is_workbook, not_decoded
from .errors import UnreadableFile

LONGEST_LINE = 1_048_576
JSON_SUFFIXES = (".ndjson", ".jsonl", ".json")


@dataclass(frozen=True, slots=True)
class Row:
    """A row: its first line, its values by heading, and a problem if it has one.

    `raw` is the content for a report, and `height` the number of lines of the row. `left` has
    sentences about cells without a heading. `customer` is the public id of the matched customer, if
    a report names it. A row `is_held` back if it would turn a known customer into another person.
    """

    line: int
    values: dict[str, Any] = field(default_factory=dict)
    raw: Any = None
    problem: str = ""
    height: int = 1
    left: tuple[str, ...] = ()
    customer: str = ""
    is_held: bool = False


class LineTooLong(ValueError):
    """A line too long for a row."""


class Lines:
    """The lines of a text file, counted; lines of a broken row can be returned to be read again."""

    def __init__(self, handle: TextIO) -> None:
        self.handle = handle
        self.number = 0
        self.taken: list[str] = []
        self._back: list[str] = []

    def __iter__(self) -> "Lines":
        return self

    def __next__(self) -> str:
        line = self._back.pop() if self._back else self.handle.readline(LONGEST_LINE + 1)
        if not line:
            raise StopIteration
        self.number += 1
        if len(line) > LONGEST_LINE:
            self._skip_rest(line)
            raise LineTooLong(
                _("The line is longer than %(longest_line)s characters.")
                % {"longest_line": f"{LONGEST_LINE:,}"}
            )
        self.taken.append(line)
        return line

    def give_back(self, *, kept: int) -> str:
        """Return the text of the first `kept` lines; the other lines will be read again."""
        others = self.taken[kept:]
        self.number -= len(others)
        self._back.extend(reversed(others))
        return "".join(self.taken[:kept]).rstrip("\r\n")

    def _skip_rest(self, line: str) -> None:
        while line and not line.endswith(("\n", "\r")):
            line = self.handle.readline(LONGEST_LINE)


class Table(ABC):
    """The rows of a file. Each reading starts from the beginning; memory has one row at a time.

    `notices` are sentences about the parts of the file that are not read, `questions` about
    ambiguous columns, by their headings.
    """

    # The file name ending of a report.
    suffix: ClassVar[str]

    def __init__(self, path: Path, encoding: str, named: str | None) -> None:
        self.path, self.encoding, self._named = path, encoding, named
        self.headings: tuple[str, ...] = ()
        self.notices: list[str] = []
        self.questions: dict[str, str] = {}
        self.count = 0
        self._scan()

    def rows(self) -> Iterator[Row]:
        """Yield the rows except blank ones; raises UnreadableFile."""
        try:
            with self.path.open(encoding=self.encoding, newline="") as handle:
                yield from self._read(Lines(handle))
        except UnicodeError:
            raise not_decoded(self.path, self.encoding, self._named)
        except OSError as error:
            raise UnreadableFile(
                _("%(path)s cannot be read: %(strerror)s.")
                % {"path": self.path, "strerror": error.strerror}
            )

    def masked(self, row: Row, mapping: Mapping[str, str]) -> Row:
        """Return a row with masked card numbers, except in its ids and phone numbers."""
        kept = {heading for heading, field in mapping.items() if field in NUMBERS}
        return replace(row, raw=self._masked(row, kept))

    def copy_masked(self, path: Path, mapping: Mapping[str, str]) -> None:
        """Write the table to a UTF-8 file with masked card numbers; each row keeps its line."""
        with (
            self.path.open(encoding=self.encoding, newline="") as lines,
            path.open("w", encoding="utf-8", newline="") as out,
        ):
            line = 1
            for row in self.rows():
                # Copy the headings and blank lines before the row.
                out.writelines(map(mask_card_numbers, islice(lines, row.line - line)))
                text, line = "".join(islice(lines, row.height)), row.line + row.height
                masked = self.masked(row, mapping)
                if row.problem:
                    text = mask_card_numbers(text)
                elif masked.raw != row.raw:
                    text = self.written(masked)
                out.write(text)
            out.writelines(map(mask_card_numbers, lines))

    @abstractmethod
    def _masked(self, row: Row, kept: set[str]) -> Any:
        """Return `raw` of a row with card numbers masked, except in the `kept` columns."""

    @abstractmethod
    def written(self, row: Row) -> str:
        """Return a row in the format of the file, with the same number of lines."""

    @abstractmethod
    def _scan(self) -> None:
        """Read the whole file once, so that a decoding error on any line is reported first."""

    @abstractmethod
    def _read(self, lines: Lines) -> Iterator[Row]: ...

    @abstractmethod
    def report_heading(self, *, taken: bool) -> str:
        """Return the heading of a report: of refused rows, or of accepted ones if `taken`."""

    @abstractmethod
    def report(self, row: Row, reason: str) -> str:
        """Return a row for the report, to be corrected and imported again."""


def open_table(path: Path | str, *, encoding: str | None = None) -> Table:
    """Open a file of customers: CSV, NDJSON, a workbook (XLSX) or contact cards (vCard).

    The name or the first characters determine the format. Reads the whole file once. Raises
    UnreadableFile.
    """
    from .csv_table import CsvTable
    from .ndjson_table import NdjsonTable
    from .vcard_table import VcardTable

    path = Path(path)
    if is_workbook(path):
        # Imported here, because the library is needed only for workbooks.
        from .xlsx_table import XlsxTable

        return XlsxTable(path, "utf-8", None)
    found = find_encoding(path, encoding)
    start = _start(path, found, encoding)
    if start[:11].upper() == "BEGIN:VCARD":
        return VcardTable(path, found, encoding)
    kinds: Sequence[type[Table]] = (CsvTable, NdjsonTable)
    return kinds[_is_json(path, start)](path, found, encoding)


def _start(path: Path, encoding: str, named: str | None) -> str:
    try:
        with path.open(encoding=encoding) as handle:
            return handle.read(1024).lstrip("\ufeff \t\r\n")
    except UnicodeError:
        raise not_decoded(path, encoding, named)


def _is_json(path: Path, start: str) -> bool:
    named_json = path.suffix.lower() in JSON_SUFFIXES
    if start.startswith("[") and (named_json or start[1:].lstrip().startswith("{")):
        raise UnreadableFile(
            _("%(name)s is one JSON list: write each customer's object on a line of its own.")
            % {"name": path.name}
        )
    return named_json or start.startswith("{")


def as_json(value: Any) -> str:
    """Write ASCII-only JSON, which can also represent lone surrogates."""
    return json.dumps(value, ensure_ascii=True)
