"""The pages below `/docs/`: the reference, the guide, the error codes and the changelog.

A page is Markdown, served as it is and as HTML. The guide is written by hand below
`templates/docs/guide`, and tests run its examples; the reference is made from the OpenAPI document.
"""
