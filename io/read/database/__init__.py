"""Queries against PostgreSQL and MySQL to a table of texts."""
