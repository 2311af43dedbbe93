"""The embedded PostgreSQL: its programs come from a wheel, and this package starts and stops it.

Nothing here imports Django: settings need the addresses before Django is configured.
"""

from pathlib import Path

from config.database.errors import Unavailable
from config.database.server import EmbeddedServer


def embedded(data_dir: Path, *, durable: bool = True) -> EmbeddedServer:
    """Return the server of a data folder, without starting it.

    `durable=False` gives up crash safety for speed; use it only in tests.
    """
    return EmbeddedServer(data_dir, durable=durable)
