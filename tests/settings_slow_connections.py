"""Settings of a server that takes 1.5 seconds to open each database connection."""

import time
from typing import Any

from psycopg_pool import ConnectionPool

from config.settings import *  # noqa: F403

_connect = ConnectionPool._connect


def _connect_slowly(pool: Any, *arguments: Any) -> Any:
    time.sleep(1.5)
    return _connect(pool, *arguments)


ConnectionPool._connect = _connect_slowly  # type: ignore[method-assign]
