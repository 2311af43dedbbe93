"""The audit log: which changes are recorded, how they are named and how they are described.

Triggers write a row of `Change` for each changed row (`sql/audit_trigger.sql`). Models declare the
names of their changes (`config.tenancy.recording`); `event_types.py` collects these.
"""
