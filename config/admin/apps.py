from django.contrib.admin.apps import AdminConfig


class BackOfficeConfig(AdminConfig):
    default_site = "config.home.site.BackOffice"

    def ready(self) -> None:
        super().ready()
        from . import bulk_job, job_pages  # noqa: F401 - they register themselves
