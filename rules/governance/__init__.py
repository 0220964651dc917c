"""The packs that ship with guiyi: checks, figures, plans and score cards over the tables beside the customers."""
