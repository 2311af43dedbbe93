"""Settings of a server whose senders are taken for dead after a few seconds, for tests that kill.

Its webhooks may go to 127.0.0.2, where receivers of tests listen, and to no other address in here.
"""

import datetime
import ipaddress

from django.apps import AppConfig

from config.settings import *  # noqa: F403
from config.settings import INSTALLED_APPS as APPS

INSTALLED_APPS = [*APPS, "tests.settings_short_lease.Hasty"]
PRIVATE_WEBHOOKS = [ipaddress.ip_network("127.0.0.2/32")]


class Hasty(AppConfig):
    """Shortens what is waited for once everything is loaded."""

    name = "tests"
    label = "hasty"

    def ready(self) -> None:
        from config.webhooks.actions import dispatch

        dispatch.LEASE = datetime.timedelta(seconds=4)
