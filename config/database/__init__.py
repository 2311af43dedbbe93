"""The embedded PostgreSQL: binaries from a wheel, a life-cycle of our own.

Nothing here imports Django: settings need the addresses before Django is configured.
"""

from pathlib import Path

from config.database.errors import Unavailable
from config.database.server import EmbeddedServer


def embedded(data_dir: Path, *, durable: bool = True) -> EmbeddedServer:
    """Describe the server that lives in a data folder, without starting it.

    With `durable=False` it trades its crash safety for speed, which is right for tests alone.
    """
    return EmbeddedServer(data_dir, durable=durable)
