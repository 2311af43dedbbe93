"""Settings of a server with low rate limits, which a test can reach with few requests."""

from config.settings import *  # noqa: F403

ADDRESS_LIMIT = 10
AT_ONCE = 3
PROXIES = 0
