"""How every process starts: read the settings, join the database, or exit with one sentence.

This module imports Django and settings only inside its functions.
"""

import os
import signal
import sys
from typing import Any

from environs import EnvError

from config.database import Unavailable


def read_settings() -> Any:
    """Return the settings module; if it cannot be read, exit with one sentence."""
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
    """Use the embedded database, if settings choose it, and leave it at exit.

    If it cannot start, exit with one sentence.
    """
    embedded = read_settings().EMBEDDED
    if embedded is None:
        return
    try:
        embedded.join()
    except Unavailable as reason:
        sys.exit(str(reason))


def exit_on_terminate() -> None:
    """Turn SIGTERM into an exit, so that `atexit` functions run, such as leaving the database."""
    signal.signal(signal.SIGTERM, _exit)


def check_readiness() -> None:
    """Exit with one sentence unless every readiness check passes.

    Exits as well if the database does not answer.
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
    """Open all connections that this process may use, so that a burst of requests need not wait.

    A growing pool opens one connection at a time, so on a busy machine a request could wait too
    long.
    """
    from django.db import DEFAULT_DB_ALIAS, connections

    pool: Any = connections[DEFAULT_DB_ALIAS].pool  # type: ignore[attr-defined]
    pool.open()
    pool.resize(pool.max_size, pool.max_size)


def _exit(number: int, frame: Any) -> None:
    sys.exit(128 + number)
