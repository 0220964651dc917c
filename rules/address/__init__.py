"""Address, province and city cells to names of today: `clean`."""
