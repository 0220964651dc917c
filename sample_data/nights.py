"""Overlapping nightly exports of one CRM: most records as the night before, some changed, some new, as many gone."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .draw import Draw, Ints
from .records import FILLED, UPDATED
from .table import write_batches
from .world import World, make_world

KEPT, CHANGED, NEW = 0.80, 0.15, 0.05  # of a night's rows, against the night before
_TYPED_ANEW = 0.3  # chance of each cell of a changed record
_FIXED = ("channel",)  # where a lead came from does not change


class Night(NamedTuple):
    """`positions`: the exported records; `versions`: how often each cell was typed; `changed`, `new`: positions."""

    positions: Ints
    versions: dict[str, NDArray[np.uint8]]
    changed: Ints
    new: Ints


def plan_nights(world: World, rows: int, nights: int) -> Iterator[Night]:
    """Night by night what is exported. The world must hold rows + (nights - 1) × new records."""
    positions = np.arange(rows, dtype=np.int64)
    versions = {c: np.zeros(len(world.keys), np.uint8) for c in (*FILLED, UPDATED) if c not in _FIXED}
    nobody = np.array([], dtype=np.int64)
    yield Night(positions, versions, nobody, positions)
    for night in range(1, nights):
        draw = Draw(world.seed, positions.astype(np.uint64))
        order = positions[np.argsort(draw.bits(f"night {night}"), kind="stable")]
        fresh, touched = round(rows * NEW), round(rows * CHANGED)
        changed = np.sort(order[fresh : fresh + touched])
        versions = _typed_anew(world, versions, changed, night)
        first = rows + (night - 1) * fresh
        new = np.arange(first, first + fresh, dtype=np.int64)
        positions = np.concatenate([np.sort(order[fresh:]), new])
        yield Night(positions, versions, changed, new)


def _typed_anew(
    world: World, versions: dict[str, NDArray[np.uint8]], changed: Ints, night: int
) -> dict[str, NDArray[np.uint8]]:
    """The last update is always now: its version is the night's number. Other cells by chance."""
    draw = Draw(world.seed, changed.astype(np.uint64))
    after = {column: version.copy() for column, version in versions.items()}
    for column, version in after.items():
        if column != UPDATED:
            version[changed] += draw.chance(f"night {night} {column}", _TYPED_ANEW).astype(np.uint8)
    after[UPDATED][changed] = night
    return after


def write_nights(rows: int, seed: int, nights: int, folder: Path) -> list[Path]:
    """night-1.csv … of `rows` rows each, dirty/night-1.csv …, and one truth.csv over all records of all nights."""
    world = make_world(rows + (nights - 1) * round(rows * NEW), seed)
    (folder / "dirty").mkdir(parents=True, exist_ok=True)
    paths = [folder / "truth.csv"]
    world.truth(np.arange(len(world.keys), dtype=np.int64)).write_csv(paths[0])
    for number, night in enumerate(plan_nights(world, rows, nights), start=1):
        records, dirty = folder / f"night-{number}.csv", folder / "dirty" / f"night-{number}.csv"
        paths += write_batches(world, night.positions, night.versions, records, dirty)
    return paths
