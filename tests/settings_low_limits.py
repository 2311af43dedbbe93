"""Settings of a server that lets in few, so that its limits are met without much work."""

from config.settings import *  # noqa: F403

ADDRESS_LIMIT = 10
AT_ONCE = 3
PROXIES = 0
