"""Creates the peer's own tables: `python -m tests.benchmarks.plain.prepare` prints its client."""

import json
import os
import secrets
import sys

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.benchmarks.plain.settings"
os.environ["PLAIN_PATH"] = "plain"


def main() -> None:
    """Create the tables and one client, whose secret is hashed with the toolkit's default."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection
    from oauth2_provider.models import Application

    with connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA IF NOT EXISTS plain")
    call_command("migrate", verbosity=0, run_syncdb=True)
    secret = secrets.token_urlsafe(32)
    application = Application.objects.create(
        name="benchmark",
        client_type="confidential",
        authorization_grant_type="client-credentials",
        client_secret=secret,
    )
    json.dump({"client_id": application.client_id, "client_secret": secret}, sys.stdout)


if __name__ == "__main__":
    main()
