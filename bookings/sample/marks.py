"""The mark in the data folder of a run that is at work, and of one that was killed."""

import json
import os
import uuid
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings


@dataclass(frozen=True)
class Mark:
    """How far a run has come for a company."""

    file: Path

    @classmethod
    def of(cls, company: uuid.UUID) -> "Mark":
        return cls(settings.DATA_DIR / "samples" / f"{company}.json")

    def read(self) -> str:
        """Return in a sentence how an earlier run ended before its time, "" for none that did."""
        try:
            there, wanted = json.loads(self.file.read_text())
        except FileNotFoundError:
            return ""
        return (
            f"An earlier run was stopped: at least {there:,} of its {wanted:,} customers are there,"
            " each of them whole, and stay. This run adds to them."
        )

    def write(self, there: int, wanted: int) -> None:
        """Note how many customers are there; whoever reads finds a whole file or none."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        fresh = self.file.with_suffix(f".{os.getpid()}")
        fresh.write_text(json.dumps([there, wanted]))
        fresh.replace(self.file)

    def remove(self) -> None:
        """Note that the run has ended."""
        self.file.unlink(missing_ok=True)
