"""`python -m benchmarks`: the figures of docs and README on this machine. Takes minutes; other load shows in the wall clock."""

import argparse
import os
from pathlib import Path

from .gate import gate
from .leaderboard import leaderboard
from .measure import show
from .names_only import names_only
from .review_page import review_page
from .side_by_side import show_sides, side_by_side
from .small_things import reading, start_up
from .whole_run import show_growth, show_run, whole_run

PARTS = ("run", "splink", "names", "reading", "start", "gate", "review", "leaderboard")


def main() -> None:
    """Every part asked for, the quick ones first."""
    options = _options()
    folder: Path = options.folder
    folder.mkdir(parents=True, exist_ok=True)
    load = os.getloadavg()[0]
    show("machine", ("", ""), [("processors", os.cpu_count() or 0), ("load before", load)])
    if "start" in options.only:
        start_up(folder)
    if "reading" in options.only:
        reading(folder)
    if "gate" in options.only:
        gate(folder)
    if "names" in options.only:
        names_only(options.seed)
    if "leaderboard" in options.only:
        leaderboard(options.board, options.seed, folder, options.limit)
    if "review" in options.only:
        review_page(folder, options.seed)
    if "run" in options.only or "splink" in options.only:
        runs = [whole_run(rows, options.seed, folder) for rows in (options.small, options.rows)]
        for ran in runs:
            show_run(ran)
        show_growth(*runs)
        if "splink" in options.only:
            show_sides(runs[-1], side_by_side(runs[-1], folder, options.limit))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000, help="rows of the large run")
    parser.add_argument("--small", type=int, default=100_000, help="rows of the small run, for the growth")
    parser.add_argument("--board", type=int, default=5_000, help="rows of the leaderboard")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, default=Path(".build/benchmarks"), help="where files are kept")
    parser.add_argument("--limit", type=float, default=1_800, help="seconds that Splink may take")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
