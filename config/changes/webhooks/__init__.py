"""Webhooks: what happens is sent to the addresses that a company names (Standard Webhooks 1.0)."""
