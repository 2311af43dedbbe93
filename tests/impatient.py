"""Settings of a server that disconnects slow clients after two seconds."""

from config.settings import *  # noqa: F403

CLIENT_SECONDS = 2
PROXIES = 1
