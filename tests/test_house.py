"""Which modules may import which others; `config/README.md` explains the rules."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from tests.source_files import APPS, SOURCES, imported, imports, kind

NO_HTTP = ("rest_framework", "django.http", "django.contrib.admin", "drf_spectacular", "config.api")

Graph = Mapping[str, set[str]]


def name_of(file: Path) -> str:
    """Return the name of a module; `file` is relative to the root."""
    parts = file.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def graph() -> Graph:
    """Return the imports between our modules, without migrations and tests."""
    modules = {name_of(file): file for file in SOURCES if file.parts[0] in ("config", *APPS)}
    edges: dict[str, set[str]] = {}
    for module, file in modules.items():
        pairs = imported(file)
        names = (f"{base}.{name}" if f"{base}.{name}" in modules else base for base, name in pairs)
        edges[module] = {name for name in names if name in modules and name != module}
    return edges


def room_of(module: str) -> str:
    """Return the room of a module: a package or module of config, or an app."""
    parts = module.split(".")
    return ".".join(parts[:2]) if parts[0] == "config" else parts[0]


def between_rooms(edges: Graph) -> dict[str, set[str]]:
    """Return the imports between rooms."""
    rooms: dict[str, set[str]] = {}
    for module, names in edges.items():
        found = {room_of(name) for name in names} - {room_of(module)}
        rooms.setdefault(room_of(module), set()).update(found)
    return rooms


def circles(edges: Graph) -> list[set[str]]:
    """Return the groups of nodes that import each other, directly or not (Tarjan's algorithm)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[set[str]] = []

    def visit(node: str) -> None:
        index[node] = low[node] = len(index)
        stack.append(node)
        for other in edges.get(node, ()):
            if other not in index:
                visit(other)
            if other in stack:
                low[node] = min(low[node], low[other])
        if low[node] == index[node]:
            group = set(stack[stack.index(node) :])
            del stack[stack.index(node) :]
            found.append(group)

    for node in edges:
        if node not in index:
            visit(node)
    return found


def longest_chain(edges: Graph) -> list[str]:
    """Return the longest chain of imports; modules in a cycle count as one."""
    best: dict[str, list[str]] = {}
    # Tarjan's algorithm yields a group after all groups that it imports.
    for group in circles(edges):
        below = {name for module in group for name in edges.get(module, ())} - group
        tail = max((best[name] for name in sorted(below)), key=len, default=[])
        for module in group:
            best[module] = [min(group), *tail]
    return max(best.values(), key=len)


# Rooms of the frame that import the apps: the URLs, the home page, the demo company.
KNOWS_APPS = {"config.urls", "config.home", "config.demo"}

# What a module shows of the apps above its own; no other module may import from apps above.
LOOKS_UP = {
    "billing.admin.invoices": "what an invoice sold ends with it, and credits are given back",
    "billing.admin.payments": "a refund goes out of the credit that a payment was kept as",
    "billing.admin.voiding": "credits that paid an invoice, what ends with it, what is owed again",
    "billing.shapes.invoices": "the booking that a payment is for",
    "customers.admin.archiving": "what is open when a customer is archived",
    "customers.admin.changed": "the newest change of anything that is the customer's",
    "customers.admin.customers": "buttons that archive a customer with what is open",
    "customers.admin.filters": "customers by subscription and by credit",
    "customers.admin.lapsing": "customers by their last visit",
    "customers.admin.page": "the customer's page has everything that is the customer's",
    "customers.admin.timeline": "what happened to a customer, from every app",
    "customers.api.customers": "archiving ends what is open, if asked",
    "customers.shapes.accounts": "the default payment method",
    "customers.shapes.outputs": "the subscription",
    "customers.shapes.state": "the complete state of a customer",
    "customers.shapes.stats": "the statistics of a customer",
}
LONGEST_CHAIN = 19


def test_rules_look_only_down() -> None:
    for file in SOURCES:
        if kind(file) in ("models", "actions", "errors", "tasks") and file.parts[0] in APPS:
            above = APPS[APPS.index(file.parts[0]) + 1 :]
            found = [name for name in imports(file) if name.split(".")[0] in above]
            assert not found, f"{file} looks up to {found}"


def test_the_frame_imports_no_app() -> None:
    found = {
        f"{module} imports {name}"
        for module, names in graph().items()
        for name in names
        if name.split(".")[0] in APPS and module.startswith("config.")
        if room_of(module) not in KNOWS_APPS
    }
    assert not found


def test_no_rooms_import_each_other_in_a_circle() -> None:
    """The apps count as one room; `LOOKS_UP` lists their imports of apps above them."""
    rooms = {
        room: {name if name not in APPS else "apps" for name in names}
        for room, names in between_rooms(graph()).items()
        if room not in APPS
    }
    below = (names for room, names in between_rooms(graph()).items() if room in APPS)
    rooms["apps"] = set().union(*below) - set(APPS)
    assert [group for group in circles(rooms) if len(group) > 1] == []


def test_apps_look_up_only_where_it_is_written_down() -> None:
    found = {
        module
        for module, names in graph().items()
        for name in names
        if room_of(module) in APPS and room_of(name) in APPS
        if APPS.index(room_of(name)) > APPS.index(room_of(module))
    }
    assert found == LOOKS_UP.keys()


def test_no_chain_of_imports_is_long() -> None:
    chain = longest_chain(graph())
    assert len(chain) <= LONGEST_CHAIN, chain


def test_circles_and_chains_are_found() -> None:
    edges = {"a": {"b"}, "b": {"c"}, "c": {"b", "d"}, "d": set[str]()}
    assert {"b", "c"} in circles(edges)
    assert longest_chain(edges) == ["a", "b", "d"]


def test_models_and_actions_know_no_door() -> None:
    for file in SOURCES:
        if file.parts[0] in APPS and kind(file) in ("models", "actions", "errors"):
            found = [name for name in imports(file) if name.startswith(NO_HTTP)]
            assert not found, f"{file} knows of {found}"


def test_only_the_background_worker_loads_what_sends_webhooks() -> None:
    """A web worker never sends webhooks; the modules would cost it several megabytes of memory."""
    sends = ("aiohttp", "config.webhooks.sending", "config.webhooks.dispatcher")
    ours = [file for file in SOURCES if file.parts[0] in ("config", *APPS)]
    found = {str(file) for file in ours if any(name.startswith(sends) for name in imports(file))}
    webhooks = "config/webhooks"
    assert found == {"config/server/work.py", f"{webhooks}/dispatcher.py", f"{webhooks}/sending.py"}


def test_errors_stand_on_errors_alone() -> None:
    for file in SOURCES:
        if file.parts[0] in APPS and kind(file) == "errors":
            assert set(imports(file)) <= {"config.errors", "django.utils.translation"}, file


def test_the_database_package_comes_before_django() -> None:
    for file in SOURCES:
        if file.parts[:2] == ("config", "database"):
            assert not [name for name in imports(file) if name.startswith("django")], file
