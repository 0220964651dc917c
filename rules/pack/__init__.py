"""Users' own rules in TOML: `load`, `check`, `lint`."""
