"""The pages below `/docs/`: the guide, the operators' manual, reference, error codes, changelog.

A page is Markdown, served as it is and as HTML. The guide and the manual are written by hand, in
`templates/docs/guide` and `templates/docs/operating`. Tests run the examples of the guide and check
the commands and settings of the manual. The reference is made from the OpenAPI document.
"""
