from django.db import migrations

from config.access.operations import Revoke


class Migration(migrations.Migration):
    """Take back rights on sequences that a new database does not grant.

    `0002_grants` names all sequences that are there, and which are depends on the order in which
    migrations run, which later ones have changed. Identity columns need no right on theirs.
    """

    dependencies = [
        ("access", "0013_every_company_has_a_change_key"),
        ("account", "0009_emailaddress_unique_primary_email"),
        ("axes", "0010_accessattemptexpiration"),
        ("mfa", "0003_authenticator_type_uniq"),
    ]

    operations = [
        Revoke(
            ["USAGE"],
            "account_emailaddress_id_seq",
            "account_emailconfirmation_id_seq",
            "axes_accessattempt_id_seq",
            "axes_accessfailurelog_id_seq",
            "axes_accesslog_id_seq",
            "mfa_authenticator_id_seq",
        )
    ]
