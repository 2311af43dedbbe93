from typing import Any

from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in
from django.utils.translation import gettext_lazy as _

from config.times import Clock


class AccessConfig(AppConfig):
    name = "config.access"
    label = "access"
    verbose_name = _("Access")

    def ready(self) -> None:
        # Replace Django's receiver, which uses this process's clock: this app comes first in
        # INSTALLED_APPS, so its receiver takes the dispatch_uid.
        user_logged_in.connect(note_login, dispatch_uid="update_last_login")


def note_login(sender: Any, user: Any, **kwargs: Any) -> None:
    """Save the time of a staff member's last sign-in, by the database's clock."""
    user.last_login = Clock()
    user.save(update_fields=["last_login"])
