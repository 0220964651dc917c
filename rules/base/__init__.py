"""What all field types share: text rules and their trail, scripts, digits, readings, regions."""
