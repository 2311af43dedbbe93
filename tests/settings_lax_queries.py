"""Settings of a server with a planted bug: it ignores invalid numbers in queries."""

from django.apps import AppConfig

from config.settings import *  # noqa: F403
from config.settings import INSTALLED_APPS as APPS

INSTALLED_APPS = [*APPS, "tests.settings_lax_queries.LaxQueries"]


class LaxQueries(AppConfig):
    """Removes the validation once all apps are loaded."""

    name = "tests"
    label = "lax_queries"

    def ready(self) -> None:
        from config.api.filtering import WholeField

        WholeField.clean = lambda self, value: None  # type: ignore[method-assign]
