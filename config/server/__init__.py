"""The processes that `manage.py up` runs, and their health.

`supervisor.py` and `restarts.py` keep the processes running, and `asgi/` is the web server's
application. `readiness.py` answers `/readyz`. `operations.py` has safe operations for migrations,
and `squashing.py` the operation of squashed migrations.
"""
