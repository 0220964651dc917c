"""What stays the same from the first stage of a run to its last."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ..config import Config
from ..i18n import Language
from ..io.store.spool import Keep, in_memory
from ..rules.catalog import STORED
from .runner import Runner


@dataclass(frozen=True)
class RunOptions:
    """What the caller asks of this run. breaker: refuse a sudden change; whole: compare everything again.

    folder: where the configuration's rule packs are found from. wait: seconds to wait for another run of the store.
    as_of: what packs take for now, local time of Asia/Shanghai; None: the time of the run.
    """

    breaker: bool = True
    whole: bool = False
    folder: Path = Path()
    wait: float = 0.0
    as_of: datetime | None = None


NO_OPTIONS = RunOptions()


@dataclass(frozen=True)
class RunContext:
    """store: the file that is to be published to. keep: where large tables wait until then. language: that of the store."""

    store: Path
    config: Config
    options: RunOptions = NO_OPTIONS
    runner: Runner = field(default_factory=Runner)
    keep: Keep = in_memory
    language: Language = STORED

    @property
    def now(self) -> datetime:
        """What packs take for now: local time of Asia/Shanghai (no daylight saving), without a zone."""
        return self.options.as_of or datetime.now(UTC).replace(tzinfo=None, microsecond=0) + timedelta(hours=8)
