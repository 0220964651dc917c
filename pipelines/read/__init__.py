"""Files to rows: read, headers mapped to fields, every row with its stable key. Out: table `raw_record` and one text column per field."""
