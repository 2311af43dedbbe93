"""Authentication of staff: password, second factor, lockout and sessions."""
