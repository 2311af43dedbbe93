"""The consents of a row, and whether its customer is active."""

from typing import Any

from django.utils.translation import gettext as _

from .cells import read_flag
from .consents import read_consent, read_opt_out, read_subscription
from .errors import InvalidRow
from .mapping import short
from .row_cells import Cell, RowCells


def read_wishes(cells: RowCells) -> dict[str, bool]:
    """Return the preferences from the consents; an opt-out in any column wins.

    Raises InvalidRow for a consent that cannot be read.
    """
    found = {}
    for name, channel in (("marketing_opt_in", "marketing"), ("sms_marketing_opt_in", "sms")):
        told: list[bool | None] = [_consent(cell) for cell in cells.all(f"{channel}_opt_in")]
        told += [_opt_out(cell) for cell in cells.all(f"{channel}_opt_out")]
        if channel == "marketing":
            told += [read_subscription(cell.text) for cell in cells.all("status")]
        known = [one for one in told if one is not None]
        if known:
            found[name] = all(known)
    if any(_opt_out(cell) is False for cell in cells.all("phone_opt_out")):
        found["phone_marketing_opt_in"] = False
    return found


def read_activity(cells: RowCells) -> Any:
    """Return whether the customer is active, None if the row does not say.

    An invalid value is returned unchanged, so that it is refused later.
    """
    told = [read_flag(cell.value) for cell in cells.all("is_active")]
    for cell in cells.all("status"):
        flag = read_flag(cell.value)
        if isinstance(flag, bool):
            told.append(flag)
        elif read_subscription(cell.text) is None:
            cells.leave(cell, _("“%(text)s” was left out.") % {"text": short(cell.text)})
    return next((one for one in told if one is not True), True) if told else None


def _consent(cell: Cell) -> bool:
    told = cell.value if isinstance(cell.value, bool) else read_consent(cell.text)
    if told is None:
        raise _unreadable(cell)
    return told


def _opt_out(cell: Cell) -> bool | None:
    if isinstance(cell.value, bool):
        return False if cell.value else None
    try:
        return read_opt_out(cell.text)
    except ValueError:
        raise _unreadable(cell)


def _unreadable(cell: Cell) -> InvalidRow:
    return InvalidRow(
        _(
            "%(heading)s: “%(text)s” does not say whether this customer agrees to be sent offers."
            " Write yes or no."
        )
        % {"heading": cell.heading, "text": short(cell.text)}
    )
