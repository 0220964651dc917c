"""Files and databases to `SourceTable`: `text` for delimited files, `workbook` for spreadsheets, `database` for servers."""
