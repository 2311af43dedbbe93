"""The peer of the API: DRF and the OAuth toolkit as most projects have them, over our tables.

What it owns itself, applications, tokens and a table to create rows in, is in a schema of its own.
"""
