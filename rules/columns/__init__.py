"""Columns to fields, by header and by content: `headers.read_columns`."""
