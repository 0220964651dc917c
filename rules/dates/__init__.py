"""Date cells to ISO dates and local times: `clean.clean_dates`."""
