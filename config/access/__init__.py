"""Authentication: staff with their roles, API clients and API keys, and how each signs in.

`actions/` writes them, `oauth.py` issues tokens, `signing_in/` has the pages for staff,
`scopes.py` the list of scopes. What a role may do stands in `config/tenancy/permissions.py`.
"""
