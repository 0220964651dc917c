"""The run: the order of its stages, its gates and figures. In: sources; out: one published run."""
