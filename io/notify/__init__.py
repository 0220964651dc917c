"""Messages out of the house, and what was told to whom."""
