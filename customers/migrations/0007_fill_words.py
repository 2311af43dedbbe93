from django.db import migrations

from config.server.operations import Backfill


class Migration(migrations.Migration):
    """Give the customers that are there their words: writing a phone works them out anew."""

    atomic = False
    dependencies = [("customers", "0006_words_of_every_script")]

    operations = [
        Backfill(
            "customers_customer",
            "phone = customers_customer.phone",
            where="""
                customers_customer.search_words IS DISTINCT FROM customers_words(
                    customers_customer.company_id, customers_customer.name,
                    customers_customer.first_name, customers_customer.last_name,
                    customers_customer.email, customers_customer.phone,
                    customers_customer.phone_e164, customers_customer.phone_national,
                    customers_customer.external_id)
            """,
        )
    ]
