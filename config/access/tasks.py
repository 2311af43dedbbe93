"""Background work around credentials."""

from importlib import import_module

from django.conf import settings
from oauth2_provider.models import clear_expired
from procrastinate.contrib.django import app


@app.periodic(cron="17 * * * *")
@app.task(name="access.clear_tokens", queueing_lock="access.clear_tokens")
def clear_tokens(timestamp: int) -> None:
    """Remove OAuth tokens that have expired, as `manage.py cleartokens` does."""
    clear_expired()


@app.periodic(cron="27 4 * * *")
@app.task(name="access.clear_sessions", queueing_lock="access.clear_sessions")
def clear_sessions(timestamp: int) -> None:
    """Remove sessions of staff that have expired, as `manage.py clearsessions` does."""
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
