from typing import Any


class Roles:
    """Route migrations to the owner's connection and everything else to the runtime role's."""

    def db_for_read(self, model: Any, **hints: Any) -> str | None:
        return None

    def allow_relation(self, one: Any, other: Any, **hints: Any) -> bool:
        """Allow all relations: both connections use the same database."""
        return True

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        return db == "owner"
