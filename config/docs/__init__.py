"""The pages below `/docs/`: the reference, the guide and the list of error codes.

The guide is Markdown in `templates/docs/guide`; tests run its examples.
"""
