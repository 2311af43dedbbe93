"""What the runtime role may do with tables that stand outside of row-level security.

They are read before a company is known, or belong to none. Nothing of the record may be deleted.
"""

from django.db import migrations

from config.access.operations import Grant, runtime_role

READ = ("SELECT",)
WRITE = ("SELECT", "INSERT", "UPDATE")
ALL = ("SELECT", "INSERT", "UPDATE", "DELETE")


def grant_sequences(apps, schema_editor):
    role = schema_editor.connection.ops.quote_name(runtime_role())
    schema_editor.execute(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {role}", params=None)


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0001_initial"),
        ("admin", "0003_logentry_add_action_flag_choices"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("oauth2_provider", "0022_refreshtoken_token_family_index"),
        ("procrastinate", "0041_post_retry_failed_job"),
        ("sessions", "0001_initial"),
    ]

    operations = [
        Grant(READ, "django_migrations", "django_content_type", "auth_permission", "auth_group"),
        Grant(READ, "auth_group_permissions"),
        Grant(WRITE, "access_company", "access_staff", "access_apiclient", "access_apikey"),
        Grant(ALL, "access_membership", "access_staff_groups", "access_staff_user_permissions"),
        Grant(("SELECT", "INSERT"), "django_admin_log"),
        Grant(ALL, "django_session", "oauth2_provider_accesstoken"),
        Grant(ALL, "oauth2_provider_refreshtoken", "oauth2_provider_idtoken"),
        Grant(ALL, "oauth2_provider_grant", "oauth2_provider_devicegrant"),
        Grant(ALL, "procrastinate_jobs", "procrastinate_events"),
        Grant(ALL, "procrastinate_periodic_defers", "procrastinate_workers"),
        migrations.RunPython(grant_sequences, migrations.RunPython.noop),
    ]
