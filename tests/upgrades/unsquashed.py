"""The migrations one by one, as a database that applied some of them goes on."""

from django.db.migrations import Migration
from django.db.migrations.loader import MigrationLoader


def unsquashed(loader: MigrationLoader) -> list[Migration]:
    """Return the migrations in their order, without those that replace others.

    Make the loader with `replace_migrations=False`.
    """
    last = [key for key in loader.graph.leaf_nodes() if key not in loader.replacements]
    return [loader.graph.nodes[key] for key in loader.graph._generate_plan(last, at_end=True)]
