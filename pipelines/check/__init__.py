"""A spreadsheet before it is loaded: one file in, its findings out, nothing published."""
