"""Rows to clean records: every cell through its type, every change and complaint kept.

Out: `record`, `cell_change`, `finding`, `feature`.
"""
