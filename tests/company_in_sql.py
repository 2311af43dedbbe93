"""Finds the aliases of tenant tables in SQL that are not tied to a company."""

import re
from collections.abc import Iterator

import sqlglot
from django.apps import apps
from sqlglot import exp

from config.tenancy.companies import Company

TENANT_TABLES = {
    model._meta.db_table
    for model in apps.get_models()
    if any(field.attname == "company_id" for field in model._meta.concrete_fields)
} | {"customers_wordcount", "customers_nameword", "customers_namegathering"}
USES_TENANT_TABLE = re.compile(
    rf"\b(?:FROM|JOIN|USING|UPDATE|INTO)\s+\"?(?:public\.)?(?:{'|'.join(TENANT_TABLES)})\b"
)

# An alias of one SELECT, UPDATE or DELETE; a subquery may use the name again.
type Alias = tuple[int, str]

_SCOPES = (exp.Select, exp.Update, exp.Delete)
_PLACEHOLDER = re.compile(r"%\([^)]+\)s|%s")


def untied_aliases(sql: str) -> list[str]:
    """Return the aliases of tenant tables that a statement does not tie to a company.

    An alias is tied if a condition that holds for every row compares its company with a value, or
    with the company of another tied alias.
    """
    tree = sqlglot.parse_one(_PLACEHOLDER.sub("$1", sql).replace("%%", "%"), dialect="postgres")
    return [*_Aliases(tree).untied(), *_inserts_without_company(tree)]


class _Aliases:
    """The aliases of a statement, the aliases tied to a value, and the pairs that are compared."""

    def __init__(self, tree: exp.Expr) -> None:
        self.tables: dict[Alias, str] = {}
        self.tied: set[Alias] = set()
        self.pairs: list[tuple[Alias, Alias]] = []
        for table in tree.find_all(exp.Table):
            scope = table.find_ancestor(*_SCOPES, exp.Insert)
            if isinstance(scope, _SCOPES):
                self.tables[id(scope), table.alias_or_name] = table.name
        for scope in tree.find_all(*_SCOPES):
            for left, right in _comparisons(scope):
                self._compare(self._company(scope, left), self._company(scope, right))

    def untied(self) -> list[str]:
        tied, before = set(self.tied), -1
        while len(tied) != before:
            before = len(tied)
            for pair in self.pairs:
                if not tied.isdisjoint(pair):
                    tied.update(pair)
        return [
            f"{table} {alias[1]}"
            for alias, table in self.tables.items()
            if table in TENANT_TABLES and alias not in tied
        ]

    def _compare(self, one: Alias | None, other: Alias | None) -> None:
        if one and other:
            self.pairs.append((one, other))
        elif found := one or other:
            self.tied.add(found)

    def _company(self, scope: exp.Expr | None, side: exp.Expr) -> Alias | None:
        """Return the alias whose company column is a side of a comparison, as seen from a scope."""
        while isinstance(side, exp.Column) and scope is not None:
            for (inside, name), table in self.tables.items():
                if inside == id(scope) and side.table in ("", name) and side.name == _key(table):
                    return inside, name
            scope = scope.find_ancestor(*_SCOPES)
        return None


def _key(table: str) -> str:
    """Return the name of the column with the company's id, "" for other tables."""
    if table == Company._meta.db_table:
        return "id"
    return "company_id" if table in TENANT_TABLES else ""


def _comparisons(scope: exp.Expr) -> Iterator[tuple[exp.Expr, exp.Expr]]:
    """Yield both sides of each comparison that holds for every row, or that joins two tables."""
    joins = [*scope.args.get("joins", [])]
    for part in ("from_", "this", "using"):
        for table in scope.args.get(part) or [] if part == "using" else [scope.args.get(part)]:
            joins += table.find_all(exp.Join) if isinstance(table, exp.Expr) else []
    conditions = [join.args.get("on") for join in joins]
    conditions += [where.this] if (where := scope.args.get("where")) else []
    for condition in filter(None, conditions):
        whole = condition.unnest()
        for part in whole.flatten() if isinstance(whole, exp.And) else [whole]:
            yield from _compared(part.unnest())


def _compared(condition: exp.Expr) -> Iterator[tuple[exp.Expr, exp.Expr]]:
    if isinstance(condition, exp.Not) and isinstance(condition.this.unnest(), exp.NullSafeNEQ):
        condition = condition.this.unnest()
        yield condition.left.unnest(), condition.right.unnest()
    elif isinstance(condition, (exp.EQ, exp.NullSafeEQ)):
        yield condition.left.unnest(), condition.right.unnest()
    elif isinstance(condition, exp.In) and isinstance(condition.this, exp.Tuple):
        for column in condition.this.expressions:
            yield column, exp.Null()


def _inserts_without_company(tree: exp.Expr) -> Iterator[str]:
    """Yield the tenant tables into which an INSERT puts rows without a company."""
    for insert in tree.find_all(exp.Insert):
        columns = {one.name for one in insert.this.find_all(exp.Identifier)}
        table = insert.find(exp.Table)
        if table is not None and table.name in TENANT_TABLES and "company_id" not in columns:
            yield table.name


_TOKEN = re.compile(r"--[^\n]*|'(?:[^']|'')*'|\$\w*\$|[();]|\w+|\s+|.", re.DOTALL)
_BEGINS = ("SELECT", "WITH", "UPDATE", "DELETE", "INSERT")
_INTO = re.compile(r"(?<!INSERT)\s+INTO\s+(?:STRICT\s+)?\w+(?:\s*,\s*\w+)*(?=\s+FROM\b|\s*$)")


def statements_in(body: str) -> Iterator[str]:
    """Yield the statements of an SQL or PL/pgSQL function, without their INTO clauses."""
    tokens = [one for one in _TOKEN.findall(body) if not one.startswith("--")]
    at = 0
    while at < len(tokens):
        if tokens[at].startswith("'") and USES_TENANT_TABLE.search(tokens[at]):
            yield tokens[at].strip("'").replace("''", "'")
        start, depth = at, 0
        while tokens[start] in _BEGINS and at < len(tokens):
            depth += {"(": 1, ")": -1}.get(tokens[at], 0)
            ends = tokens[at] in (";", "LOOP") or tokens[at].startswith("$")
            # A THEN ends the condition of an IF, unless it belongs to a CASE.
            ends |= tokens[at] == "THEN" and "CASE" not in tokens[start:at]
            if depth < 0 or (depth == 0 and ends):
                break
            at += 1
        if at > start:
            yield _INTO.sub("", "".join(tokens[start:at]).strip())
        at += 1
