"""Second factors and lock-out: they belong to staff, so no company's policy stands over them."""

from django.db import migrations, models

from config.access.operations import Grant

READ = ("SELECT",)
ALL = ("SELECT", "INSERT", "UPDATE", "DELETE")


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0003_roles"),
        ("account", "0009_emailaddress_unique_primary_email"),
        ("axes", "0010_accessattemptexpiration"),
        ("mfa", "0003_authenticator_type_uniq"),
    ]

    operations = [
        migrations.AddField(
            model_name="company",
            name="requires_second_factor",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="Owners and managers sign in with a code from their phone besides the password. Who has none yet is led to set it up at once.",
                verbose_name="second factor required",
            ),
        ),
        migrations.AddField(
            model_name="staff",
            name="signed_out_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        Grant(ALL, "mfa_authenticator", "axes_accessattempt", "axes_accessattemptexpiration"),
        # Never written: the addresses of staff stand in their own table.
        Grant(READ, "account_emailaddress"),
    ]
