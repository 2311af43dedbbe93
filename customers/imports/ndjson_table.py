"""NDJSON: one customer's object on each line."""

import json
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from config.card_numbers import mask_card_numbers

from .errors import UnreadableFile
from .mapping import OWN_HEADINGS, TAKEN_HEADINGS
from .tables import Lines, LineTooLong, Row, Table, as_json

DEEPEST = 5
MOST_NAMES = 1_000
# Not flattened: its keys belong to the integrator.
WHOLE = "preferences"


class NdjsonTable(Table):
    """One object per line. The headings are the names of all objects; nested ones have dots."""

    suffix = ".ndjson"

    def _scan(self) -> None:
        names: dict[str, None] = {}
        for row in self.rows():
            self.count += 1
            names |= dict.fromkeys(row.values)
            if len(names) > MOST_NAMES:
                raise UnreadableFile(
                    _("%(name)s has more than %(most_names)s names.")
                    % {"name": self.path.name, "most_names": f"{MOST_NAMES:,}"}
                )
        if self.count and not names:
            raise UnreadableFile(
                _("No line of %(name)s is a JSON object.") % {"name": self.path.name}
            )
        if not self.count:
            raise UnreadableFile(_("%(name)s is empty.") % {"name": self.path.name})
        self.headings = tuple(names)

    def _read(self, lines: Lines) -> Iterator[Row]:
        while True:
            lines.taken.clear()
            try:
                text = next(lines).strip("\ufeff \t\r\n")
            except StopIteration:
                return
            except LineTooLong as problem:
                yield Row(lines.number, raw={}, problem=str(problem))
                continue
            if text:
                yield self._row(lines.number, text)

    def _row(self, line: int, text: str) -> Row:
        try:
            found = json.loads(text, object_pairs_hook=_once_each, parse_constant=_no_number)
        except json.JSONDecodeError as error:
            problem = f"The line is not JSON: {error.msg} at character {error.pos + 1}."
            return Row(line, raw={"text": text}, problem=problem)
        except (ValueError, RecursionError) as error:
            problem = str(error) if isinstance(error, _Unusable) else "The line cannot be read."
            return Row(line, raw={"text": text}, problem=problem)
        if not isinstance(found, dict):
            return Row(line, raw={"text": text}, problem="The line is not a JSON object.")
        return Row(line, dict(_flat(found)), raw=found)

    def _masked(self, row: Row, kept: set[str]) -> Any:
        return _masked(row.raw, kept)

    def written(self, row: Row) -> str:
        return as_json(row.raw) + "\n"

    def report_heading(self, *, taken: bool) -> str:
        return ""

    def report(self, row: Row, reason: str) -> str:
        own = dict(zip(TAKEN_HEADINGS, (row.line, reason, row.customer), strict=True))
        names = TAKEN_HEADINGS if row.customer else OWN_HEADINGS
        kept = {name: value for name, value in row.raw.items() if name not in names}
        return as_json({name: own[name] for name in names} | kept) + "\n"


class _Unusable(ValueError):
    """Valid JSON that is ambiguous, such as an object with a repeated name."""


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _Unusable(_("The line gives a name twice."))
    return found


def _no_number(name: str) -> Any:
    raise _Unusable(_("The line holds %(name)s, which is not a number in JSON.") % {"name": name})


def _masked(value: Any, kept: set[str], path: str = "") -> Any:
    """Mask card numbers in a JSON value, except under the dotted names in `kept`."""
    match value:
        case dict():
            prefix = f"{path}." if path else ""
            return {
                mask_card_numbers(name): _masked(part, kept, prefix + name)
                for name, part in value.items()
            }
        case list():
            return [_masked(part, kept, path) for part in value]
        case str() | int() | float() if path not in kept and not isinstance(value, bool):
            masked = mask_card_numbers(text := str(value))
            return value if masked == text else masked
    return value


def _flat(found: dict[str, Any], prefix: str = "", depth: int = 1) -> Iterator[tuple[str, Any]]:
    """Yield the values of an object under dotted names."""
    for name, value in found.items():
        path = f"{prefix}{name}"
        if isinstance(value, dict) and path != WHOLE and depth < DEEPEST:
            yield from _flat(value, f"{path}.", depth + 1)
        else:
            yield path, value
