"""Bytes to a grid of text: encoding, dialect, rows."""
