"""The examples in the docstrings of customers.imports are correct."""

import doctest
import importlib
import pkgutil

from customers import imports


def test_every_example_of_the_reading_holds() -> None:
    tried = 0
    for module in pkgutil.iter_modules(imports.__path__):
        found = doctest.testmod(importlib.import_module(f"customers.imports.{module.name}"))
        assert found.failed == 0, module.name
        tried += found.attempted
    assert tried > 30
