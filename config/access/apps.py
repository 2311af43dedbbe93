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
        # Django's receiver goes by this process's clock. It is not connected, since this app comes
        # first in INSTALLED_APPS and takes its id.
        user_logged_in.connect(note_login, dispatch_uid="update_last_login")


def note_login(sender: Any, user: Any, **kwargs: Any) -> None:
    """Note when a staff member signed in last, by the database's clock."""
    user.last_login = Clock()
    user.save(update_fields=["last_login"])
