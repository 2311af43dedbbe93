"""The v1 shape of each model whose changes are public, which the feed and webhooks show."""

from django.db import models

from config.api.shapes import Shape

from ..models import Address, ContactPoint, Customer, CustomerUser, Note, Zone
from .addresses import AddressRecord, ContactPointRecord, ServiceZone
from .outputs import CustomerNote, CustomerSummary, UserRecord

EVENT_SHAPES: dict[type[models.Model], type[Shape]] = {
    Address: AddressRecord,
    ContactPoint: ContactPointRecord,
    Customer: CustomerSummary,
    CustomerUser: UserRecord,
    Note: CustomerNote,
    Zone: ServiceZone,
}
