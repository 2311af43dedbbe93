"""Settings of a server whose deliveries' lease is a few seconds, for tests that kill senders.

Its webhooks may reach 127.0.0.2, where the tests' receivers listen, and no other private address.
"""

import datetime
import ipaddress

from django.apps import AppConfig

from config.settings import *  # noqa: F403
from config.settings import INSTALLED_APPS as APPS

INSTALLED_APPS = [*APPS, "tests.settings_short_lease.Hasty"]
PRIVATE_WEBHOOKS = [ipaddress.ip_network("127.0.0.2/32")]


class Hasty(AppConfig):
    """Shortens the lease once all apps are loaded."""

    name = "tests"
    label = "hasty"

    def ready(self) -> None:
        from config.webhooks.actions import dispatch

        dispatch.LEASE = datetime.timedelta(seconds=4)
