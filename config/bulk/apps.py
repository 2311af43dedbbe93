from django.apps import AppConfig


class BulkConfig(AppConfig):
    name = "config.bulk"
    label = "bulk"
