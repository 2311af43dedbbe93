"""The migration operation that squashed migrations consist of."""

from typing import Any

from django.db.migrations.operations.base import Operation


class Squashed(Operation):
    """Makes the tables of an app, and what belongs to them, in a new database.

    The app may be another than the migration's own. Django squashes migrations only if no path of
    dependencies leaves the squashed ones and comes back. Those of our apps depend on those of
    `changes` and the other way round, so one migration stands for those of six apps.

    The state is rendered once, after all operations: rendering it after each of them is what makes
    a long chain of migrations slow. CreateModel therefore makes a table with everything that later
    operations give its model, so that no AddField, AddIndex or AddConstraint may follow it.
    """

    reversible = False

    def __init__(self, app: str, operations: list[Any]) -> None:
        self.app, self.operations = app, operations

    def state_forwards(self, app_label: str, state: Any) -> None:
        # A state that is rendered renders models again after every operation.
        if "apps" in vars(state):
            del state.apps
        for operation in self.operations:
            operation.state_forwards(self.app, state)

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        for operation in self.operations:
            operation.database_forwards(self.app, schema_editor, from_state, to_state)
            # Django keeps some constraints for the end of the migration; keys refer to them.
            while schema_editor.deferred_sql:
                schema_editor.execute(schema_editor.deferred_sql.pop(0), params=None)

    def describe(self) -> str:
        return f"Make the tables of {self.app}"
