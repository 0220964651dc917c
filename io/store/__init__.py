"""The DuckDB store and the journal beside it: published whole or not at all."""
