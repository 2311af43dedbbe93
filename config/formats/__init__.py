"""How dates and times are written, in place of what Django has for a language."""
