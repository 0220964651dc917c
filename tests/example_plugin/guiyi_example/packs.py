"""A rule pack that is in force wherever the plug-in is installed, as TOML (docs/en/check.md)."""

GARAGE = """
name = "garage"
[[rule]]
id = "plate.missing"
field = "plate"
condition = { required = true }
severity = "warning"
message = { zh = "缺少车牌号", en = "no number plate" }
since = "0.1"
"""
PACKS = {"garage.toml": GARAGE}
