"""Numbers with a check digit or a kind: `credit_code` (GB 32100-2015, GB 11714), `identifiers` (GB 11643, accounts, cards)."""
