"""Names of organisations to their parts: `clean.clean_company_names`, read by `parts`."""
