"""Number plates of cars (车牌号) for guiyi."""
