"""Words that headers are made of, by what they say: a field, or a list of rules/data/headers.toml. 主车牌 is read as 主 + 车牌."""

HEADER_WORDS = {"plate": ("车牌", "牌照号"), "fill": ("爱车",)}
