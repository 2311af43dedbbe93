"""The processes that `manage.py up` runs, and whether they are healthy.

`supervisor.py` and `restarts.py` keep them running, `asgi/` is the web server's application,
`readiness.py` answers `/readyz`, `operations.py` has safe operations for migrations and
`squashing.py` the one of squashed migrations.
"""
