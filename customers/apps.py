from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CustomersConfig(AppConfig):
    name = "customers"
    verbose_name = _("Customers")
    event_shapes = "customers.shapes.events.EVENT_SHAPES"

    def ready(self) -> None:
        """Register the check that every personal column is declared."""
        from .privacy import registry  # noqa: F401
