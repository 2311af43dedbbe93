"""The peer of the API: DRF and Django OAuth Toolkit over our tables, set up as in most projects.

Its own tables (applications, tokens, and one to create rows in) are in a schema of their own.
"""
