"""The ground that every model and action stands on.

Companies and the active one (`scoping.py`), actors and authors, ids, base classes of models,
permissions of roles, archiving, money columns, days in a company's time zone. It imports nothing
of the project but `config.errors` and `config.times`.
"""
