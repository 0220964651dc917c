"""Cells of persons to a name, its title, its notes and the keys it is compared by: `clean.clean_person_names`."""
