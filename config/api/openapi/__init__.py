"""Generates the OpenAPI document from the declarations of the endpoints."""
