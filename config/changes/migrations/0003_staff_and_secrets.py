from django.db import migrations

from config.changes.operations import KeepChanges

CLIENT = (
    "hash_client_secret", "redirect_uris", "post_logout_redirect_uris", "client_type",
    "authorization_grant_type", "skip_authorization", "algorithm", "allowed_origins",
    "registration_source", "cimd_expires_at", "user_id", "updated", "last_used_at",
)


class Migration(migrations.Migration):
    """Record what changes about staff, and that a secret was changed."""

    dependencies = [
        ("changes", "0002_one_way_by_id"),
    ]

    operations = [
        KeepChanges("access_staff", ("last_login",), company="", secret=("password",)),
        KeepChanges("access_apiclient", CLIENT, secret=("client_secret",)),
        KeepChanges("billing_paymentmethod", (), customer="customer_id", secret=("token",)),
    ]
