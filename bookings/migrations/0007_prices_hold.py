from django.db import migrations

from config.server.operations import Backfill, SetNotNull, ValidateConstraint
from config.tenancy.tax_fields import TaxRateField


class Migration(migrations.Migration):
    """Give pricing options the rate that they had from their event."""

    atomic = False

    dependencies = [("bookings", "0006_prices")]

    operations = [
        Backfill(
            "bookings_pricingoption",
            "tax_rate = (SELECT tax_rate FROM bookings_event AS event "
            "WHERE event.company_id = bookings_pricingoption.company_id "
            "AND event.id = bookings_pricingoption.event_id)",
            where="tax_rate IS NULL",
        ),
        SetNotNull("pricingoption", "tax_rate", TaxRateField()),
        ValidateConstraint("booking", "booking_tax"),
        ValidateConstraint("booking", "booking_total"),
        ValidateConstraint("event", "event_tax_behavior"),
        ValidateConstraint("media", "media_taxed"),
        ValidateConstraint("mediapurchase", "media_purchase_taxed"),
        ValidateConstraint("mediapurchase", "media_purchase_tax"),
        ValidateConstraint("pricingoption", "pricing_option_taxed"),
        ValidateConstraint("service", "service_tax_behavior"),
    ]
