"""Approved plans carried out and taken back. In: `merge_plan`; out: `crosswalk`, and files for the CRM."""
