"""The filter of lists that leave out what is archived."""

from collections.abc import Mapping
from typing import Any

from .filtering import ArchivedSwitch, Filters


class ArchivableFilters(Filters):
    """How a client goes through rows that can be archived: it asks for those that are."""

    archived = ArchivedSwitch(
        help_text="true: only what is archived. Absent or false: only what is not archived."
    )

    @classmethod
    def read(cls, query: Mapping[str, str]) -> dict[str, Any]:
        """Return the values given; what is archived is left out unless it is asked for."""
        return {"archived": False, **super().read(query)}
