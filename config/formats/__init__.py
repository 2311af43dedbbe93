"""Date and time formats that replace Django's formats of a language."""
