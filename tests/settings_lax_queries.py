"""Settings of a server that ignores a number in a query that it cannot read: a planted fault."""

from django.apps import AppConfig

from config.settings import *  # noqa: F403
from config.settings import INSTALLED_APPS as APPS

INSTALLED_APPS = [*APPS, "tests.settings_lax_queries.LaxQueries"]


class LaxQueries(AppConfig):
    """Takes the check away once everything is loaded."""

    name = "tests"
    label = "lax_queries"

    def ready(self) -> None:
        from config.api.filtering import WholeField

        WholeField.clean = lambda self, value: None  # type: ignore[method-assign]
