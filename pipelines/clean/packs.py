"""The rules of all packs together, and what they say about cleaned rows."""

import json
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

import polars as pl

from ...config import Config, read_text
from ...errors import UsageError
from ...fields import BY_NAME
from ...findings import FINDINGS, conform_findings
from ...i18n import Language, Text
from ...plugins import load_added
from ...rules.catalog import catalog, severity_of
from ...rules.pack.check import broken
from ...rules.pack.load import Pack, Rule, parse_pack, regex_fault, shipped_packs
from ...schemas import FINDING
from ..read.intake import Intake
from .rows import Clean

TRIAL = Text("［试行］", "[on trial] ")


def load_rules(config: Config, folder: Path, whole: str | None = None) -> list[Rule]:
    """The shipped rules, those of plug-ins and those of the configuration's packs, found from `folder`; a later pack replaces by id.

    The rule `whole` is not on trial. Raises UsageError for a pack that cannot be read, two rules of one id in the user's
    packs, or a bad pattern.
    """
    rules = {rule.id: rule for pack in shipped_packs().values() for rule in pack.rule}
    own: dict[str, str] = {}
    for name, pack in [*plugged_packs(), *((name, read_pack(folder / name)) for name in config.rules)]:
        for rule in pack.rule:
            _refuse_unusable(rule, name, own)
            own[rule.id] = name
            rules[rule.id] = rule
    if whole in rules:
        rules[whole] = rules[whole].model_copy(update={"rollout": 1.0})
    refuse_unknown_severities(config, [*catalog(), *rules])
    severities = {rule.id: severity_of(rule.id, rule.severity, config.severity) for rule in rules.values()}
    wanted = [rule for rule in rules.values() if severities[rule.id] != "off"]
    return [
        r if severities[r.id] == r.severity else r.model_copy(update={"severity": severities[r.id]}) for r in wanted
    ]


@cache
def plugged_packs() -> tuple[tuple[str, Pack], ...]:
    """Name and pack of those that plug-ins add: they are in force wherever their plug-in is installed."""
    added = load_added("packs", str)
    return tuple((f"{plugin.owner}/{name}", parse_pack(text, f"{plugin.owner}/{name}")) for plugin, name, text in added)


def refuse_unknown_severities(config: Config, rules: Sequence[str]) -> None:
    """Raises UsageError for a key of [severity] that is no rule and no area, naming one like it."""
    known = [*rules, *dict.fromkeys(f"{rule.partition('.')[0]}.*" for rule in rules)]
    for name in config.severity:
        if name not in known:
            near = get_close_matches(name, known, 1, 0.0)[0]
            what = Text("配置 [severity] 里的 {r} 不是规则。", "[severity] names {r}, which is no rule.").format(r=name)
            advice = Text(
                "是否指 {n}？guiyi rules list 列出全部规则。", "Did you mean {n}? guiyi rules list shows them all."
            )
            raise UsageError(what, advice.format(n=near), reason="config.key")


def list_rules(config: Config, folder: Path, language: Language) -> pl.DataFrame:
    """Every rule, built in or of a pack: `rule, severity, field, condition, only_for, rollout, since, message`."""
    english = language == "en"
    built_in = [
        (
            *(e.id, severity_of(e.id, e.severity, config.severity), e.id.partition(".")[0], None, None, 1.0, e.since),
            e.text.en if english else e.text.zh,
        )
        for e in catalog().values()
    ]
    packed = [
        (r.id, r.severity, r.field, condition_text(r), r.only_for, r.rollout, r.since, r.words(language)[0])
        for r in load_rules(config, folder)
    ]
    columns = ("rule", "severity", "field", "condition", "only_for", "rollout", "since", "message")
    schema = {name: pl.Float64() if name == "rollout" else pl.String() for name in columns}
    return pl.DataFrame([*built_in, *packed], schema=schema, orient="row").sort("rule")


def condition_text(rule: Rule) -> str:
    """`length {'max': 50}` → `length max=50`."""
    kind, value = rule.condition.kind, rule.condition.model_dump(exclude_none=True)[rule.condition.kind]
    if isinstance(value, dict):
        return f"{kind} " + " ".join(f"{k}={v}" for k, v in value.items())
    return kind if value is True else f"{kind} {value}"


def find_rule(config: Config, folder: Path, name: str, language: Language) -> dict[str, object]:
    """One rule by id. Raises UsageError naming those that begin alike."""
    table = list_rules(config, folder, language)
    found = table.filter(pl.col("rule") == name)
    if found.is_empty():
        near = [r for r in table["rule"].to_list() if r.startswith(name.partition(".")[0])][:8]
        advice = Text("相近的规则：{n}", "Rules like it: {n}").format(n=", ".join(near)) if near else None
        raise UsageError(Text("没有规则 {r}。", "There is no rule {r}.").format(r=name), advice, reason="rule.unknown")
    return found.to_dicts()[0]


def read_pack(path: Path) -> Pack:
    """A pack of the user's. Raises UsageError."""
    try:
        return parse_pack(read_text(path), str(path))
    except (OSError, UnicodeDecodeError):
        what = Text("读不到规则包 {p}。", "Cannot read the rule pack {p}.").format(p=path)
        advice = Text("请检查路径；文件须为 UTF-8。", "Check the path; the file must be UTF-8.")
        raise UsageError(what, advice, reason="pack.missing") from None


def _refuse_unusable(rule: Rule, place: str, own: dict[str, str]) -> None:
    advice = Text("用 guiyi rules lint 检查规则包。", "guiyi rules lint examines a pack.")
    if rule.id in own or rule.id in catalog():
        what = Text("规则包 {p} 的规则编号 {r} 已被使用。", "The rule id {r} of pack {p} is taken.")
        raise UsageError(what.format(p=place, r=rule.id), advice, reason="pack.duplicate")
    fault = regex_fault(rule.condition.pattern) if rule.condition.pattern is not None else None
    if fault is not None:
        what = Text("规则 {r} 的正则表达式不能用：{f}。", "The regular expression of rule {r} is none: {f}.")
        raise UsageError(what.format(r=rule.id, f=fault), advice, reason="pack.regex")


def pack_findings(rules: Sequence[Rule], intake: Intake, clean: Clean, language: Language) -> pl.DataFrame:
    """FINDINGS of the rules about clean rows; values as they were judged, that is cleaned. What must not be empty is not asked
    of rows that name no customer."""
    places = intake.raw.select("record_key", "file_id", "row_number")
    rows = pl.concat([clean.record.with_columns(_owned=True), clean.nobody.with_columns(_owned=False)])
    rows = rows.join(places, on="record_key", how="left", maintain_order="left")
    rows = _with_headers(rows, {name for rule in rules for name in _names(rule)})
    found = [FINDINGS.to_frame()]
    for rule in rules:
        files = [f for f in intake.files.iter_rows(named=True) if applies(rule, f["source"], f["name"])]
        lacking = [f for f in files if rule.condition.required and _lacks(f["file_id"], rule.field, rows)]
        ids = [f["file_id"] for f in files if f not in lacking]
        own = rows if len(ids) == intake.files.height else rows.filter(pl.col("file_id").is_in(ids))
        found.append(_about_rows(rule, own, language))
        name = BY_NAME[rule.field].label if rule.field in BY_NAME else Text(rule.field, rule.field)
        words = Text(f"没有“{name.zh}”这一列，或整列是空的", f"no column for {name.en}, or an empty one")
        found.append(_told(rule, _headers_of(lacking), language, words))
    return pl.concat(found)


def stored_pack_findings(rules: Sequence[Rule], intake: Intake, clean: Clean, language: Language) -> pl.DataFrame:
    """The same as table `finding`, for a run that publishes."""
    found = pack_findings(rules, intake, clean, language)
    keys = intake.raw.select("file_id", "row_number", "record_key")
    numbers = clean.record.select("record_key", "source_record_id")
    table = found.join(keys, on=["file_id", "row_number"], how="left", maintain_order="left")
    return FINDING.conform(table.join(numbers, on="record_key", how="left", maintain_order="left"))


def applies(rule: Rule, source: str, name: str) -> bool:
    """Whether a rule speaks of a source, by the source's name or the file's."""
    return rule.only_for is None or fnmatch(source, rule.only_for) or fnmatch(name, rule.only_for)


def _names(rule: Rule) -> Iterable[str]:
    other = rule.condition.compare
    return (rule.field,) if other is None else (rule.field, other.other)


def _with_headers(rows: pl.DataFrame, names: set[str]) -> pl.DataFrame:
    """The unmapped columns that rules name, taken out of `extra`."""
    headers = sorted(names - set(rows.columns))
    if not headers or rows["extra"].null_count() == rows.height:
        return rows
    cells = [json.loads(text) if text else {} for text in rows["extra"].to_list()]
    return rows.with_columns(pl.Series(h, [c.get(h) for c in cells], dtype=pl.String) for h in headers)


def _about_rows(rule: Rule, rows: pl.DataFrame, language: Language) -> pl.DataFrame:
    """Rows that break the rule."""
    rows = rows.filter("_owned") if rule.condition.required else rows
    hit = rows.filter(broken(rule, rows))
    value = pl.col(rule.field).cast(pl.String) if rule.field in rows.columns else pl.lit(None, pl.String)
    choices = pl.lit(rule.condition.one_of) if rule.condition.one_of else pl.lit(None)
    return _told(rule, hit.select("file_id", "row_number", value=value, choices=choices), language)


def _lacks(file_id: str, field: str, rows: pl.DataFrame) -> bool:
    """Whether a file has nothing at all for a field: then the file is at fault, not its rows."""
    own = rows.filter(pl.col("file_id") == file_id)
    return field not in own.columns or own[field].null_count() == own.height


def _headers_of(files: list[dict[str, object]]) -> pl.DataFrame:
    rows = [(f["file_id"], f["header_row"] or None) for f in files]
    return pl.DataFrame(rows, schema={"file_id": pl.String, "row_number": pl.Int64}, orient="row")


def _told(rule: Rule, hit: pl.DataFrame, language: Language, words: Text | None = None) -> pl.DataFrame:
    """Add the rule's words, or those given. A rule on trial reports for its share of the rows as information, and so blocks none."""
    message, suggestion = rule.words(language)
    message = message if words is None else words.en if language == "en" else words.zh
    mark = (TRIAL.en if language == "en" else TRIAL.zh) if rule.on_trial else ""
    return conform_findings(
        hit.with_columns(
            field=pl.lit(rule.field), rule=pl.lit(rule.id), message=pl.lit(mark + message),
            severity=pl.lit("info" if rule.on_trial else rule.severity), suggestion=pl.lit(suggestion),
            trial=pl.lit(rule.on_trial),
        )
    )  # fmt: skip
