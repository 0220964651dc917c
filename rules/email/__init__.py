"""E-mail cells to one valid address: `clean.clean_emails`."""
