"""What the key and the levels of the comparison are called, and how many bits of log2 odds each level is worth."""

EVIDENCE = {
    "contact": {
        "keys": {"plate": {"zh": "车牌号相同", "en": "the same plate"}},
        "plate": {
            "name": {"zh": "车牌号", "en": "plate"},
            "same": {"bits": 0.0, "zh": "一致", "en": "the same"},  # and its rarity, see comparisons.py
            "different": {"bits": -1.0, "zh": "不同", "en": "another car"},
        },
    }
}
