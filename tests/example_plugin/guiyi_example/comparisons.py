"""When a level holds. With a rarity, the same plate is worth log2(size of the file), less where many drive the car."""

from guiyi.dedup.policy.comparisons import Comparison, Level, differ, missing, same

COMPARISONS = (
    Comparison("plate", (
        Level("null", missing("plate")),
        Level("same", same("plate"), "plate_rarity"),
        Level("different", differ("plate")),
    )),
)  # fmt: skip
