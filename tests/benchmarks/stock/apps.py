from django.apps import AppConfig


class Stock(AppConfig):
    name = "tests.benchmarks.stock"
    label = "stock"
