"""Landed migrations import these from here."""

from config.tenancy.models import TenantForeignKey

__all__ = ["TenantForeignKey"]
