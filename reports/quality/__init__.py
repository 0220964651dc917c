"""The data-quality report: figures from the store as text, page, JSON and workbook."""
