"""What happened: one table of changes, which is both the audit and the outbox of the feed."""
