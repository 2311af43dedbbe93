"""The last release as a database with data, and what an upgrade of it is compared with."""
