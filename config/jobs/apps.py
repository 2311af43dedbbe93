from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class JobsConfig(AppConfig):
    name = "config.jobs"
    label = "jobs"
    verbose_name = _("Background work")

    def ready(self) -> None:
        """Import the job kinds of every app."""
        autodiscover_modules("jobs")
