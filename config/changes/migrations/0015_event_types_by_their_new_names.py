from django.db import migrations

from config.tenancy.authors import UNRECORDED


class Migration(migrations.Migration):
    """Let webhooks that chose event types by their old names go on getting the same events."""

    dependencies = [("changes", "0014_changes_by_time")]

    operations = [
        # Nobody changed these webhooks: the change is not recorded.
        migrations.RunSQL(UNRECORDED, migrations.RunSQL.noop),
        migrations.RunSQL(
            """
            UPDATE changes_webhookendpoint
               SET types = ARRAY(
                       SELECT CASE WHEN type = 'booking.missed' THEN 'booking.no_show'
                                   WHEN noun = 'webhook_endpoint' THEN 'webhook.' || verb
                                   WHEN noun = 'pass' THEN 'pass_product.' || verb
                                   WHEN noun = 'pass_purchase' THEN 'pass.' || verb
                                   ELSE type END
                         FROM unnest(types) WITH ORDINALITY AS named (type, place),
                              LATERAL (SELECT split_part(type, '.', 1) AS noun,
                                              split_part(type, '.', 2) AS verb) AS parts
                        ORDER BY place)
             WHERE types && ARRAY(
                       SELECT type FROM unnest(types) AS named (type)
                        WHERE type = 'booking.missed'
                           OR split_part(type, '.', 1)
                              IN ('webhook_endpoint', 'pass', 'pass_purchase'))
            """,
            migrations.RunSQL.noop,
        )
    ]
