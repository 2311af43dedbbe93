"""The upper limit: our own SQL statements behind a WSGI function, and no other code.

The file that BARE_STATEMENTS names holds the statement of each path: the SQL that our software
compiled, with its constants. The last segment of the path is the value of its one placeholder.
"""

import json
import os
import threading
from pathlib import Path
from typing import Any

import psycopg

from config.database.roles import DATABASE
from config.server.parent_watchdog import end_with_parent

end_with_parent()
STATEMENTS = json.loads(Path(os.environ["BARE_STATEMENTS"]).read_text())
_own = threading.local()


def connection() -> Any:
    """Return this thread's connection, whose company is set once."""
    if not hasattr(_own, "connection"):
        _own.connection = psycopg.connect(
            **json.loads(os.environ["BARE_DATABASE"]),
            dbname=DATABASE,
            autocommit=True,
            options=f"-c regulars.company={os.environ['PLAIN_COMPANY']}",
        )
    return _own.connection


def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    """Answer with the documents that the path's statement renders."""
    _, name, *values = environ["PATH_INFO"].split("/")
    if name not in STATEMENTS:
        start_response("404 Not Found", [("Content-Length", "0")])
        return []
    statement, value = STATEMENTS[name], values[0]
    rows = connection().execute(statement, [value] * statement.count("%s")).fetchall()
    body = f"[{','.join(row[0] or '' for row in rows)}]".encode()
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
    start_response("200 OK", headers)
    return [body]
