"""The audit log: which changes are recorded, what they are called and how they read.

Triggers write a row of `Change` for each changed row (`sql/audit_trigger.sql`). Models declare
what their changes are called (`config.tenancy.recording`); `event_types.py` collects it.
"""
