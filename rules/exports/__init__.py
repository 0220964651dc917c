"""The rule packs that ship with guiyi."""
