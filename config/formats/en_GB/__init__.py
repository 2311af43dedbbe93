"""Formats of British English, the language of the back-office."""
