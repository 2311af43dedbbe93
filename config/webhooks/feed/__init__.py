"""The feed of changes (v1): every change of the company, in order, for clients that poll."""
