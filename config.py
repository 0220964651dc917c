"""The configuration: one closed, typed TOML file. Unknown keys and values out of range are refused, with the place.

Found at `--config`, else `$GUIYI_CONFIG`, else `guiyi.toml` in this folder or one above; without any, everything works
from inferred headers and the defaults below.
"""

import hashlib
import os
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from .config_words import WrongError, in_words
from .errors import UsageError
from .fields import MAPPED_FIELDS
from .fields import Field as Line
from .i18n import Text
from .plugins import load_named, plugin_versions
from .side_tables import side_tables

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

Score = Annotated[float, Field(ge=0.0, le=1.0)]
# Capitals only: a secret that was pasted in place of a name is refused rather than repeated in a message.
EnvName = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$")]
STRATEGIES: tuple[str, ...] = (
    "latest", "earliest", "most_complete", "most_frequent", "longest", "source_priority", "verified_first", "union",
)  # fmt: skip
STRATEGIES += tuple(load_named("survivorship", taken=STRATEGIES))


def _no_strategy(_: str, field: "Line") -> Text | None:
    known = field.survivorship in STRATEGIES
    return None if known else Text(f"没有策略 {field.survivorship}", f"no strategy {field.survivorship}")


load_named("fields", why_not=_no_strategy)
if TYPE_CHECKING:
    FIELDS = str
    Survivorship = str
    SIDE_FIELDS = str
    KINDS = str
else:
    FIELDS = Literal[*MAPPED_FIELDS, ""]
    Survivorship = Literal[*STRATEGIES]
    KINDS = Literal["customers", *side_tables()]
    SIDE_FIELDS = Literal[*sorted({column.name for table in side_tables().values() for column in table.columns})]
RuleId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*\.(?:[a-z0-9_]+|\*)$")]  # or `area.*`: every rule of an area
Severity = Literal["error", "warning", "info", "off"]
CustomColumn = Annotated[str, Field(pattern="^extra:.+$")]  # a column that no field stands for, by its header


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Thresholds(_Closed):
    """Scores are probabilities: kept for a look ≥ `floor`, duplicates ≥ `duplicate`, merged unseen ≥ `auto`."""

    floor: Score = 0.5
    duplicate: Score = 0.82
    auto: Annotated[float, Field(ge=0.95, le=1.0)] = 0.98

    @model_validator(mode="after")
    def _ordered(self) -> "Thresholds":
        if not self.floor <= self.duplicate <= self.auto:
            raise WrongError(Text("应满足 floor ≤ duplicate ≤ auto", "floor ≤ duplicate ≤ auto"))
        return self


class Evidence(_Closed):
    """Which of the three dimensions of a pair make candidates and add bits (dedup/policy/switches.py)."""

    phone: bool = True
    name_similarity: bool = True
    credit_code: bool = True

    @property
    def off(self) -> frozenset[str]:
        """The names of those that are switched off."""
        return frozenset(name for name, on in self if not on)


class Source(_Closed):
    """How one source is read: what it holds, its name in record keys, its headers where the dictionary does not know them."""

    name: str | None = None
    kind: KINDS = "customers"  # else a table beside the customers (side_tables.toml)
    headers: dict[str, FIELDS | SIDE_FIELDS] = {}
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    header_row: Annotated[int, Field(ge=1)] | None = None
    hidden: bool = False
    snapshot: bool = False  # each file is the whole table: what it no longer holds is gone
    password_env: str | None = None  # the environment variable that holds the password, never the password

    @model_validator(mode="after")
    def _of_its_kind(self) -> "Source":
        table = side_tables().get(self.kind)
        known = {*MAPPED_FIELDS, ""} if table is None else {"", *(column.name for column in table.columns)}
        if strange := sorted(set(self.headers.values()) - known):
            raise WrongError(
                Text(f"{self.kind} 没有字段 {'、'.join(strange)}", f"{self.kind} has no field {', '.join(strange)}")
            )
        return self


class Channel(_Closed):
    """Where alarms go. What is secret stands in environment variables: only their names stand here."""

    kind: Literal["wecom", "dingtalk", "feishu", "email", "webhook"]
    url_env: EnvName | None = None  # the webhook's address, which holds its token
    secret_env: EnvName | None = None  # what signs it
    host: str | None = None
    port: Annotated[int, Field(ge=1, le=65535)] | None = None
    security: Literal["tls", "starttls", "none"] = "tls"
    user_env: EnvName | None = None
    password_env: EnvName | None = None
    sender: str | None = None
    recipients: list[str] = []
    timeout: Annotated[float, Field(gt=0, le=60)] = 10.0
    retries: Annotated[int, Field(ge=0, le=5)] = 3

    @model_validator(mode="after")
    def _whole(self) -> "Channel":
        mail = {"host": self.host, "sender": self.sender, "recipients": self.recipients}
        needed = mail if self.kind == "email" else {"url_env": self.url_env}
        if missing := [name for name, value in needed.items() if not value]:
            names = ", ".join(missing)
            raise WrongError(Text(f"{self.kind} 需要 {names}", f"{self.kind} needs {names}"))
        return self


class When(_Closed):
    """A figure of table `metric` beyond a value, or something that happened. Exactly one of `metric` and `event`."""

    metric: str | None = None
    scope: str = "run"
    comparison: Literal[">", ">=", "<", "<=", "rises", "falls"] = ">"
    value: float | None = None
    event: Literal["breaker", "gate", "drift", "quarantine", "unreviewed", "failed", "overdue"] | None = None
    hours: Annotated[float, Field(gt=0)] = 48.0
    factor: Annotated[float, Field(ge=1)] = 2.0

    @model_validator(mode="after")
    def _one(self) -> "When":
        if (self.metric is None) == (self.event is None) or (self.metric is not None and self.value is None):
            raise WrongError(Text("要么写 metric 和 value，要么写 event", "either metric and value, or event"))
        return self


class Alarm(_Closed):
    """Whom to tell when; not more than once in `repeat_hours`."""

    name: str = ""
    when: When
    to: Annotated[list[str], Field(min_length=1)]
    repeat_hours: Annotated[float, Field(ge=0)] = 24.0


class Incremental(_Closed):
    """When a run compares everything again instead of what today's rows touch: beyond this share of rows that moved."""

    whole_above: Annotated[float, Field(ge=0.0, le=1.0)] = 0.1


class Gates(_Closed):
    """What a run must not exceed to be published. Jumps compare with the run before and need one."""

    quarantined: Score = 0.5  # share of today's rows set aside
    gone: Score = 0.3  # share of the known rows that snapshots take away
    null_rate_jump: Score = 0.3  # a field that is empty so much more often than before
    links_jump: Annotated[float, Field(ge=1.0)] = 3.0  # times the pairs per record of the run before
    largest_group: Annotated[int, Field(ge=2)] = 500  # records of one person
    drift: bool = False  # refuse a source whose columns changed


class Volume(_Closed):
    """When the rows of a source are told to be fewer or more than usual: against the same weekday of the nights before."""

    nights: Annotated[int, Field(ge=1, le=366)] = 14  # days that are looked back
    least_nights: Annotated[int, Field(ge=1)] = 7  # days with this source, below which nothing is usual
    least_rows: Annotated[float, Field(ge=1)] = 20.0  # rows that are usual, below which nothing is said
    drop: Score = 0.5  # share that is missing
    spike: Annotated[float, Field(gt=1)] = 4.0  # times as many
    silent_hours: Annotated[float, Field(gt=0)] = 24.0  # since a source last came


class Report(_Closed):
    """Where a figure of the quality report turns grey: above a `…_rate` that is better low, below one that is better high."""

    null_rate: Score = 0.05
    validity_rate: Score = 0.95
    abnormal_rate: Score = 0.10
    quarantine_rate: Score = 0.02
    id_match_rate: Score = 0.92
    manual_rate: Score = 0.15
    trust: Score = 0.85
    optional: list[FIELDS] = ["title"]
    shared_ids: list[Literal["source_record_id", "credit_code"]] = ["source_record_id", "credit_code"]


class Config(_Closed):
    """Everything a run can be told. `sources` keys are file-name patterns (`leads*.csv`), first match wins."""

    language: Literal["zh", "en"] | None = None
    thresholds: Thresholds = Thresholds()
    evidence: Evidence = Evidence()
    sources: dict[str, Source] = {}
    survivorship: dict[FIELDS | CustomColumn, Survivorship] = {}
    source_priority: list[str] = []  # best first; what `source_priority` goes by
    weights: dict[str, dict[str, dict[str, float]]] = {}
    inputs: list[str] = []
    keep_runs: Annotated[int, Field(ge=1)] | None = None
    incremental: Incremental = Incremental()
    gates: Gates = Gates()
    max_pairs: Annotated[int, Field(ge=1000)] = 60_000_000
    rules: list[str] = []
    packs: (
        list[str] | dict[str, list[str] | dict[str, bool | int | float | str]]
    ) = []  # names; or `use`, and parameters by name
    severity: dict[RuleId, Severity] = {}
    channel: dict[str, Channel] = {}
    alarm: list[Alarm] = []
    report: Report = Report()
    volume: Volume = Volume()

    @field_validator("severity", mode="before")
    @classmethod
    def _flat(cls, told: object) -> object:
        """`phone.invalid = "info"` without quotes is a table in a table to TOML."""
        if not isinstance(told, dict):
            return told
        nested = {area: rules for area, rules in told.items() if isinstance(rules, dict)}
        own = {k: v for k, v in told.items() if k not in nested}
        return own | {f"{area}.{rule}": s for area, rules in nested.items() for rule, s in rules.items()}

    @model_validator(mode="after")
    def _packs(self) -> "Config":
        lists = (
            [name for name, given in self.packs.items() if isinstance(given, list)]
            if isinstance(self.packs, dict)
            else []
        )
        if lists not in ([], ["use"]):
            raise WrongError(Text("规则包名称的列表写作 use", "a list of packs is called use"))
        return self

    @model_validator(mode="after")
    def _channels(self) -> "Config":
        if any(name not in self.channel for alarm in self.alarm for name in alarm.to):
            raise WrongError(Text("to 里有 [channel] 中没有的名称", "to names a channel that is not there"))
        return self

    @property
    def pack_parameters(self) -> dict[str, dict[str, bool | int | float | str]]:
        """Name or path of each pack → its parameters, as far as they are given."""
        told = self.packs if isinstance(self.packs, dict) else {"use": self.packs}
        named: list[str] = [name for names in told.values() if isinstance(names, list) for name in names]
        return {name: {} for name in named} | {name: given for name, given in told.items() if isinstance(given, dict)}

    def reading(self, **wishes: object) -> "Config":
        """This configuration with the command line's word on how files are read (None: as configured) in front."""
        said = {name: wish for name, wish in wishes.items() if wish not in (None, False)}
        if not said:
            return self
        sources = self.sources | {"*": self.sources.get("*", Source())}
        return self.model_copy(update={"sources": {p: s.model_copy(update=said) for p, s in sources.items()}})

    def digest(self) -> str:
        """Hash of every resolved setting that a run's results depend on, defaults included, and of the plug-ins."""
        settings = self.model_dump_json(
            exclude={"language", "channel", "alarm", "report", "inputs", "keep_runs", "gates", "incremental", "volume"}
        )
        return hashlib.sha256("".join((settings, *plugin_versions())).encode()).hexdigest()[:16]


def find_config(option: Path | None) -> Path | None:
    """The configuration file that applies, or None."""
    if option is not None:
        return option
    named = os.environ.get("GUIYI_CONFIG")
    if named:
        return Path(named)
    here = Path.cwd()
    return next((p for folder in (here, *here.parents) if (p := folder / "guiyi.toml").is_file()), None)


def read_text(path: "Path | Traversable") -> str:
    """The text of a file. Raises OSError, also for a pipe or a device, from which nothing may ever come."""
    if not path.is_file():
        raise FileNotFoundError(str(path))
    return path.read_text("utf-8")


def load_config(option: Path | None) -> Config:
    """Read and check the configuration. Raises UsageError naming the file, the key and what is allowed."""
    path = find_config(option)
    if path is None:
        return Config()
    try:
        return Config.model_validate(tomllib.loads(read_text(path)))
    except OSError:
        raise UsageError(
            Text("读不到配置文件 {p}。", "Cannot read the configuration {p}.").format(p=path),
            Text("请检查路径。", "Check the path."),
            reason="config.missing",
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise UsageError(
            Text("配置文件 {p} 不是合法的 TOML：{f}。", "The configuration {p} is not valid TOML: {f}.").format(
                p=path, f=fault
            ),
            reason="config.syntax",
        ) from None
    except ValidationError as fault:
        raise _refused(path, fault) from None


def _refused(path: Path, fault: ValidationError) -> UsageError:
    first = fault.errors()[0]
    named = (str(part) for part in first["loc"])
    # A wrong key is told with the kinds of key that it might have been; of the whole, only the alarms are checked.
    key = ".".join(part for part in named if part != "[key]" and not part.startswith("literal[")) or "alarm"
    if first["type"] == "extra_forbidden":
        what = Text("配置文件 {p} 有不认识的键 {k}。", "The configuration {p} has an unknown key {k}.")
    else:
        what = Text("配置文件 {p} 的 {k} 取值不对。", "The configuration {p} has a wrong value at {k}.")
    advice = Text("说明：{m}。可用的键见 docs/zh/config.md。", "Reason: {m}. The keys are listed in docs/en/config.md.")
    why = in_words(first)
    told = Text(advice.zh.format(m=why.zh), advice.en.format(m=why.en))
    return UsageError(what.format(p=path, k=key), told, reason="config.key")
