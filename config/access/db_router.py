from typing import Any


class Roles:
    """Keeps the two roles apart: the owner migrates, the runtime role does everything else."""

    def db_for_read(self, model: Any, **hints: Any) -> str | None:
        return None

    def allow_relation(self, one: Any, other: Any, **hints: Any) -> bool:
        """Both connections reach the same database."""
        return True

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        return db == "owner"
