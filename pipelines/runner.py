"""Runs the stages of a pipeline in order: times each, counts its rows, tells whoever listens."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

import polars as pl

from ..schemas import STAGE

Listener = Callable[[str, int | None, float], None]


@runtime_checkable
class AttentiveListener(Protocol):
    """A listener that also wants to hear when a stage begins, and how far it has come."""

    def begin(self, name: str, total: int | None) -> None:
        """A stage begins; total: the rows it will count up to, None where nobody knows."""

    def moved(self, rows: int) -> None:
        """The stage has come so far."""

    def __call__(self, name: str, rows: int | None, seconds: float) -> None:
        """A stage has ended."""


def silent(*_: object) -> None:
    """Hear nothing."""


@dataclass
class Runner:
    """`listener` hears the name of each finished stage, its rows and its seconds; an attentive one its beginning too."""

    listener: Listener = silent
    stages: list[tuple[str, int | None, float]] = field(default_factory=list)

    @contextmanager
    def stage(self, name: str, total: int | None = None) -> Iterator[Callable[[int], None]]:
        """`with runner.stage("clean") as count: …; count(rows)`; a long stage may count on the way, towards `total`."""
        rows: list[int] = []
        attentive = self.listener if isinstance(self.listener, AttentiveListener) else None

        def count(number: int) -> None:
            rows[:] = [number]
            if attentive is not None:
                attentive.moved(number)

        if attentive is not None:
            attentive.begin(name, total)
        start = time.perf_counter()
        yield count
        spent = time.perf_counter() - start
        self.stages.append((name, rows[-1] if rows else None, spent))
        self.listener(name, rows[-1] if rows else None, spent)

    def table(self) -> pl.DataFrame:
        """The stages so far as the table `stage`."""
        rows = [
            (position, name, count, round(seconds, 3)) for position, (name, count, seconds) in enumerate(self.stages)
        ]
        return pl.DataFrame(rows, schema=STAGE.polars, orient="row")
