"""`python -m guiyi.sample_data.generate`: invented, messy customers; the same seed gives the same bytes.

--rows N --seed S --out DIR             records.csv, truth.csv, dirty.csv
--rows N --seed S --out DIR --nights 5  night-1.csv … night-5.csv, dirty/night-1.csv …, truth.csv
--crash OUT.csv|OUT.xlsx                the import crash, with OUT.truth.csv
--samples DIR                           the small committed files
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from .crash import ROWS, write_crash
from .nights import write_nights
from .samples import write_samples
from .table import write_table


def main(arguments: Sequence[str] | None = None) -> int:
    """Write what was asked for and say where; 2 when nothing was."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if (options.rows is None) != (options.out is None):
        parser.error("--rows and --out go together")
    if options.rows is None and not options.crash and not options.samples:
        parser.error("nothing to do: --rows and --out, --crash, or --samples")
    for path in _write(options):
        sys.stdout.write(f"{path}\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m guiyi.sample_data.generate",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--rows", type=_positive, metavar="N", help="rows of the messy table, or of each night")
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="default 1")
    parser.add_argument("--out", type=Path, metavar="DIR", help="folder for the table or the nights")
    parser.add_argument("--nights", type=_positive, metavar="K", help="overlapping exports instead of one table")
    parser.add_argument("--crash", type=Path, metavar="FILE", help=f"{ROWS:,} rows, .csv or .xlsx")
    parser.add_argument("--samples", type=Path, metavar="DIR", help="leads.csv, customers.xlsx, truth.csv")
    return parser


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return number


def _write(options: argparse.Namespace) -> list[Path]:
    paths: list[Path] = []
    if options.rows is not None and options.nights is not None:
        paths += write_nights(options.rows, options.seed, options.nights, options.out)
    elif options.rows is not None:
        paths += write_table(options.rows, options.seed, options.out)
    if options.crash:
        soiled = write_crash(options.crash, options.seed)
        sys.stdout.write(f"{len(soiled)} of {ROWS} rows soiled: {', '.join(soiled[:5])}, …\n")
        paths += [options.crash, options.crash.with_suffix(".truth.csv")]
    if options.samples:
        paths += write_samples(options.samples)
    return paths


if __name__ == "__main__":
    sys.exit(main())
