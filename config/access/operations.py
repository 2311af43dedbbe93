"""Landed migrations import these from here."""

from config.tenancy.operations import RUNTIME_RIGHTS, Grant, ProtectTable, Revoke, runtime_role

__all__ = ["RUNTIME_RIGHTS", "Grant", "ProtectTable", "Revoke", "runtime_role"]
