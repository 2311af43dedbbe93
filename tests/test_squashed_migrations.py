"""Squashed migrations run on new databases only, with the same result as the replaced ones."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connections, transaction
from django.db.migrations import CreateModel, Migration, RunSQL
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.db.migrations.state import ProjectState
from django.db.models import BigAutoField, IntegerField, UniqueConstraint

from config.server.squashing import Squashed
from tests.conftest import DATABASES
from tests.upgrades import landed
from tests.upgrades.unsquashed import unsquashed

pytestmark = pytest.mark.django_db(databases=DATABASES)

APPS = (
    "access", "billing", "bookings", "changes", "credits", "customers", "home", "jobs", "requests",
    "server",
)  # fmt: skip

type Keys = list[tuple[str, str]]


@pytest.fixture
def chain() -> Keys:
    """All our migrations except the squashed ones, in order."""
    loader = MigrationLoader(None, replace_migrations=False)
    keys = [(one.app_label, one.name) for one in unsquashed(loader)]
    return [key for key in keys if key[0] in APPS]


def test_squashed_migrations_leave_the_models_as_the_replaced_ones_do() -> None:
    loader = MigrationLoader(None)
    assert loader.replacements.keys() <= loader.graph.nodes.keys()
    expected = ProjectState()
    for migration in unsquashed(MigrationLoader(None, replace_migrations=False)):
        migration.mutate_state(expected, preserve=False)
    found = loader.project_state()
    assert MigrationAutodetector(found, expected).changes(loader.graph) == {}
    # A negative control.
    found.remove_field("billing", "plan", "price")
    assert MigrationAutodetector(found, expected).changes(loader.graph).keys() == {"billing"}


@contextmanager
def applied(keys: Keys) -> Iterator[MigrationExecutor]:
    """Yield the executor of a database that applied these migrations and no squashed one."""
    with transaction.atomic("owner"):
        owner = connections["owner"]
        recorder = MigrationRecorder(owner)
        recorder.migration_qs.filter(app__in=APPS).delete()
        for key in keys:
            recorder.record_applied(*key)
        yield MigrationExecutor(owner)
        transaction.set_rollback(True, "owner")


def planned(executor: MigrationExecutor) -> Keys:
    executor.loader.check_consistent_history(executor.connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [(migration.app_label, migration.name) for migration, _ in plan]


def test_a_new_database_is_made_by_squashed_migrations(chain: Keys) -> None:
    staff, *others = chain
    assert staff == ("access", "0001_initial")
    with applied([staff]) as executor:
        squashed = executor.loader.replacements
        replaced = {key for one in squashed.values() for key in one.replaces}
        assert set(planned(executor)) == (set(others) - replaced) | squashed.keys()


def test_a_database_that_applied_a_part_goes_on_where_it_was(chain: Keys) -> None:
    first = next(at for at, key in enumerate(chain) if key[1].startswith("0002"))
    release = [key for key in chain if key in landed.migrations()]
    for done in (release, *(chain[:at] for at in range(first + 1, len(chain), 25)), chain[:-3]):
        with applied(done) as executor:
            squashed = executor.loader.replacements
            rest = planned(executor)
            assert ("access", "0002_squashed_0023_refuse_duplicates") not in rest
            # A squashed migration without applied parts is planned instead of its parts.
            parts = [squashed[key].replaces if key in squashed else [key] for key in rest]
            assert sorted(itertools.chain(*parts)) == sorted(set(chain) - set(done))


def test_where_all_is_applied_a_squashed_migration_is_only_recorded(chain: Keys) -> None:
    with applied(chain) as executor:
        assert planned(executor) == []
        executor.migrate(executor.loader.graph.leaf_nodes())
        recorded = MigrationRecorder(executor.connection).applied_migrations()
        assert executor.loader.replacements.keys() <= recorded.keys()


def test_the_next_migration_of_each_app_is_found_and_numbered() -> None:
    """`makemigrations` ignores changes of an app that has no migration in the graph."""
    loader = MigrationLoader(None)
    number = MigrationAutodetector.parse_number
    for app in APPS:
        (last,) = loader.graph.leaf_nodes(app)
        assert number(last[1]) == max(
            number(name) or 0 for of, name in loader.disk_migrations if of == app
        )


def test_a_squashed_table_has_its_constraints_before_the_next_operation() -> None:
    """Django creates the constraints of a table with generated or default columns last."""
    size = IntegerField(db_default=7)
    rule = UniqueConstraint(fields=["size"], name="scratch_size")
    fields = [("id", BigAutoField(primary_key=True)), ("size", size)]
    migration = Migration("9999_scratch", "access")
    refers = RunSQL("CREATE TABLE scratch_part (size integer REFERENCES billing_scratch (size))")
    create = CreateModel("Scratch", fields, {"constraints": [rule]})
    migration.operations = [Squashed("billing", [create, refers])]
    state = ProjectState()
    with transaction.atomic("owner"), connections["owner"].schema_editor() as editor:
        state = migration.apply(state, editor)
        transaction.set_rollback(True, "owner")
    assert state.models["billing", "scratch"].fields["size"] is size
