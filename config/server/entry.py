"""How every process of the software begins: settings read, database joined, or one sentence.

Nothing here imports Django or settings before it is called.
"""

import os
import signal
import sys
from typing import Any

from environs import EnvError

from config.database import Unavailable


def read_settings() -> Any:
    """Return the settings module; ends the process with one sentence where it cannot be read."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        from config import settings
    except EnvError as error:
        sys.exit(f"The environment is not right: {str(error).replace('[', '').replace(']', '')}")
    except OSError as error:
        place = os.environ.get("REGULARS_DATA", "var")
        sys.exit(f"The data folder {place} cannot be used: {error.strerror}. Choose another one.")
    return settings


def join_database() -> None:
    """Use the embedded database from now on, where it is the one; leaves at exit.

    Ends the process with one sentence where it cannot start.
    """
    embedded = read_settings().EMBEDDED
    if embedded is None:
        return
    try:
        embedded.join()
    except Unavailable as reason:
        sys.exit(str(reason))


def exit_on_terminate() -> None:
    """Turn SIGTERM into an exit, so that what stands in `atexit` happens: leaving the database."""
    signal.signal(signal.SIGTERM, _exit)


def check_readiness() -> None:
    """End the process with one sentence unless every check of readiness passes.

    A database that does not answer ends the process as well.
    """
    from django.db import DatabaseError, InterfaceError, connection
    from psycopg_pool import PoolTimeout

    from config.server.readiness import refuse_start

    try:
        reason = refuse_start()
    except (DatabaseError, InterfaceError, PoolTimeout) as error:
        reason = f"The database cannot be reached: {' '.join(str(error).split())}"
    finally:
        connection.close()
    if reason:
        sys.exit(reason)


def open_connections() -> None:
    """Open as many connections as this process may use, so that no burst of requests waits.

    A pool that grows opens one at a time, and on a busy machine a request could wait too long.
    """
    from django.db import DEFAULT_DB_ALIAS, connections

    pool: Any = connections[DEFAULT_DB_ALIAS].pool  # type: ignore[attr-defined]
    pool.open()
    pool.resize(pool.max_size, pool.max_size)


def _exit(number: int, frame: Any) -> None:
    sys.exit(128 + number)
