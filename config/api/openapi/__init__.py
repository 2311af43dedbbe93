"""How the OpenAPI document is made from what the endpoints declare."""
