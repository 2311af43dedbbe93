"""The migration operation of squashed migrations."""

from typing import Any

from django.db.migrations.operations.base import Operation


class Squashed(Operation):
    """Creates the tables of an app, and everything that belongs to them, in a new database.

    The app may be another than the migration's own. Django squashes migrations only if the
    dependencies of the squashed ones do not leave them and come back. Our apps' migrations depend
    on those of `changes` and the other way round, so one migration replaces those of six apps.

    The state is rendered once, after all operations, because rendering it after each operation
    makes a long chain of migrations slow. So CreateModel must create a table with everything that
    later operations would give its model: no AddField, AddIndex or AddConstraint may follow it.
    """

    reversible = False

    def __init__(self, app: str, operations: list[Any]) -> None:
        self.app, self.operations = app, operations

    def state_forwards(self, app_label: str, state: Any) -> None:
        # A rendered state renders its models again after every operation.
        if "apps" in vars(state):
            del state.apps
        for operation in self.operations:
            operation.state_forwards(self.app, state)

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        for operation in self.operations:
            operation.database_forwards(self.app, schema_editor, from_state, to_state)
            # Django delays some constraints to the end of the migration, but foreign keys need them
            # earlier.
            while schema_editor.deferred_sql:
                schema_editor.execute(schema_editor.deferred_sql.pop(0), params=None)

    def describe(self) -> str:
        return f"Make the tables of {self.app}"
