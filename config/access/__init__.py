"""Authentication: staff with their roles, API clients and API keys, and how each signs in.

`actions/` holds the writes, `oauth.py` issues tokens, `signing_in/` has the pages for staff, and
`scopes.py` lists the scopes. `config/tenancy/permissions.py` says what each role may do.
"""
