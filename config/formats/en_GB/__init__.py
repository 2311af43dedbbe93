"""Formats of British English, which the back-office is written in."""
