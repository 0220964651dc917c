"""A format of `guiyi export`, by its name or the suffix of the file: tables as Markdown."""

import polars as pl


def write_markdown(frame: pl.DataFrame) -> bytes:
    rows = (["" if cell is None else str(cell).replace("|", "\\|") for cell in row] for row in frame.iter_rows())
    table = [frame.columns, ["---"] * frame.width, *rows]
    return "".join(f"| {' | '.join(row)} |\n" for row in table).encode()


WRITERS = {"md": write_markdown}
