from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WebhooksConfig(AppConfig):
    """The app of webhooks; its label is `changes`, under which its tables were created."""

    name = "config.webhooks"
    label = "webhooks"
    verbose_name = _("Webhooks")
    event_shapes = "config.webhooks.shapes.EVENT_SHAPES"
