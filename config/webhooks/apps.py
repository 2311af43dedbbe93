from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WebhooksConfig(AppConfig):
    """Its models keep the label `changes`, under which their tables were made."""

    name = "config.webhooks"
    label = "webhooks"
    verbose_name = _("Webhooks")
    event_shapes = "config.webhooks.shapes.EVENT_SHAPES"
