"""The steward's page: the last published run read once into memory, decisions written to the journal, never a wait for DuckDB."""
