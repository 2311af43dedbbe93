"""Figures of large companies: counted in the background, and read with when that was."""

import datetime
from dataclasses import dataclass
from typing import Any

from django.db.models import Subquery
from django.utils import timezone

from config.access.actors import Actor
from config.access.models import Company
from config.access.tenancy import acting_for

from .days import Days
from .figures import FIGURES, Found, can_begin, measure
from .models import Tally


@dataclass(frozen=True)
class Counted:
    """What figures come to; those in `tallied` as they were at `tallied_at`, None for never."""

    found: Found
    tallied: frozenset[str]
    tallied_at: datetime.datetime | None

    def is_missing(self, name: str) -> bool:
        """Whether a figure is still to be counted for the first time."""
        return name not in self.found


def count(names: list[str], actor: Actor, days: Days) -> Counted:
    """Count figures: at once where that is quick, and from what was counted before elsewhere."""
    tally = Tally.objects.visible_to(actor)
    sizes = _sizes(
        names,
        actor,
        days,
        tallied_at=Subquery(tally.values("counted_at")),
        tallied=Subquery(tally.values("figures")),
    )
    tallied_at, figures = sizes.pop("tallied_at"), sizes.pop("tallied") or {}
    large = frozenset(name for name, is_large in sizes.items() if is_large)
    at_once = [name for name in names if name not in large]
    found = measure(at_once, actor, days, **can_begin(actor))
    before = {name: figures[name] for name in large if name in figures}
    return Counted(found | before, large, tallied_at)


def tally(company: Company, now: datetime.datetime | None = None) -> None:
    """Count what is too much to count at each look at a company's home page, and keep it."""
    actor = Actor.command(company)
    with acting_for(company.id), timezone.override(company.timezone):
        days = Days(now or timezone.now())
        large = [name for name, is_large in _sizes(list(FIGURES), actor, days).items() if is_large]
        if not large:
            return
        Tally.objects.bulk_create(
            [
                Tally(
                    company_id=company.id,
                    counted_at=days.now,
                    figures=measure(large, actor, days),
                )
            ],
            update_conflicts=True,
            unique_fields=["company"],
            update_fields=["counted_at", "figures"],
        )


def _sizes(names: list[str], actor: Actor, days: Days, **also: Any) -> Found:
    """Say of each figure whether it is too much to count while somebody waits.

    Figures that go through the same rows are asked together, and answered alike.
    """
    figures = {FIGURES[name].through.__name__: FIGURES[name] for name in names}
    sizes = {f"is_{way}": figure.too_many(actor, days) for way, figure in figures.items()}
    rows: Any = Company.objects.filter(pk=actor.company_id).values(**sizes, **also)
    found = rows.get()
    answers = {name: found[f"is_{FIGURES[name].through.__name__}"] for name in names}
    return answers | {name: found[name] for name in also}
