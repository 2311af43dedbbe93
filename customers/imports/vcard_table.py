"""Contact cards (vCard): each card is a row, and its properties get ordinary headings."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from config.card_numbers import mask_card_numbers

from .csv_report import CsvReport, own_cells
from .errors import UnreadableFile
from .tables import Lines, LineTooLong, Row
from .vcard import columns_of_card

MOST_LINES = 20_000
MOST_COLUMNS = 1000


class VcardTable(CsvReport):
    """The cards of a file. The headings are those of all cards; `raw` of a row is its card.

    `line` of a row is the line of its BEGIN:VCARD. Refused cards are reported in CSV.
    """

    def _scan(self) -> None:
        names: dict[str, None] = {}
        for row in self.rows():
            self.count += 1
            names |= dict.fromkeys(row.values)
            if len(names) > MOST_COLUMNS:
                raise UnreadableFile(
                    _("The cards of %(name)s have more than %(most)d properties.")
                    % {"name": self.path.name, "most": MOST_COLUMNS}
                )
        self.headings = tuple(names)

    def _read(self, lines: Lines) -> Iterator[Row]:
        card: list[str] = []
        begin = depth = 0
        problem = ""
        for line, too_long in _each(lines):
            key = line.strip("\ufeff \t\r\n").upper()
            lines.taken.clear()
            if not depth:
                if key == "BEGIN:VCARD":
                    card, begin, depth, problem = [line], lines.number, 1, ""
                elif key or too_long:
                    told = too_long or _("This line is outside of a card.")
                    yield Row(lines.number, raw=line.rstrip("\r\n"), problem=told)
                continue
            card.append(line)
            problem = problem or too_long
            depth += (key == "BEGIN:VCARD") - (key == "END:VCARD")
            if not depth or len(card) > MOST_LINES:
                yield self._row(begin, card, problem, is_closed=not depth)
                depth = 0
        if depth:
            yield self._row(begin, card, problem, is_closed=False)

    def _row(self, line: int, card: list[str], problem: str, *, is_closed: bool) -> Row:
        text = "".join(card)
        if not is_closed:
            problem = problem or _("The card has no END:VCARD.")
        if problem:
            return Row(line, raw=text, problem=problem, height=len(card))
        return Row(line, columns_of_card(text), raw=text, height=len(card))

    def _masked(self, row: Row, kept: set[str]) -> str:  # type: ignore[override]
        """Return a card with masked card numbers, except in its phone numbers."""
        return "".join(
            line if "TEL" in line.partition(":")[0].upper() else mask_card_numbers(line)
            for line in row.raw.splitlines(keepends=True)
        )

    def written(self, row: Row) -> str:
        return str(row.raw)

    def report(self, row: Row, reason: str) -> str:
        own = own_cells(row, reason)
        if row.problem:
            return self._written([*own, row.raw])
        values = columns_of_card(row.raw)
        return self._written([*own, *(values.get(name, "") for name in self.headings)])


def _each(lines: Lines) -> Iterator[tuple[str, str]]:
    """Yield each line with ""; for a line that is too long, "" with the problem."""
    while True:
        try:
            line = next(lines)
        except StopIteration:
            return
        except LineTooLong as problem:
            yield "", str(problem)
        else:
            yield line, ""
