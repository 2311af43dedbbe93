"""Multi-tenancy and the other foundations of all models and actions.

Companies and the active company (`scoping.py`), actors and authors, ids, base classes of models,
permissions of roles, archiving, money columns, days in a company's time zone. Of the project it
imports only `config.errors` and `config.times`.
"""
