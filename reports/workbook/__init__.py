"""The stewards' workbook: groups of a run as tables of cells."""
