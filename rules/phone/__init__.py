"""Phone cells to E.164: `clean.clean_phones`."""
