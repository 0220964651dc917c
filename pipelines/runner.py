"""Runs the stages of a pipeline in order: times each, counts its rows, tells whoever listens."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import polars as pl

from ..schemas import STAGE

Listener = Callable[[str, int | None, float], None]


def silent(*_: object) -> None:
    """Hear nothing."""


@dataclass
class Runner:
    """`listener` hears the name of each finished stage, its rows and its seconds."""

    listener: Listener = silent
    stages: list[tuple[str, int | None, float]] = field(default_factory=list)

    @contextmanager
    def stage(self, name: str) -> Iterator[Callable[[int], None]]:
        """`with runner.stage("clean") as count: …; count(rows)`."""
        rows: list[int] = []
        start = time.perf_counter()
        yield rows.append
        spent = time.perf_counter() - start
        self.stages.append((name, rows[-1] if rows else None, spent))
        self.listener(name, rows[-1] if rows else None, spent)

    def table(self) -> pl.DataFrame:
        """The stages so far as the table `stage`."""
        rows = [
            (position, name, count, round(seconds, 3)) for position, (name, count, seconds) in enumerate(self.stages)
        ]
        return pl.DataFrame(rows, schema=STAGE.polars, orient="row")
