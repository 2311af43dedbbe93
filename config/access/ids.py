"""Landed migrations import these from here."""

from config.tenancy.ids import new_id

__all__ = ["new_id"]
