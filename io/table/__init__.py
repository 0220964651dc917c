"""From a sheet of text cells to a table with true addresses: header, rows set aside, merged cells, reasons for refusing a file."""
