"""The generated part of docs/zh/extending.md and docs/en/extending.md: the points of extension and the example that the tests run."""

import tomllib
from pathlib import Path

from guiyi.i18n import Text
from guiyi.plugins import GROUP, POINTS

LANGUAGES = ("zh", "en")
_ROOT = Path(__file__).resolve().parent.parent
_EXAMPLE = _ROOT / "tests" / "example_plugin"
_TAKES = {
    "fields": Text("字段：`Field` 的序列", "fields: a sequence of `Field`"),
    "kinds": Text("清洗方式：名称 → 函数 `(pl.Series) -> Cleaned`", "cleaning: name → function `(pl.Series) -> Cleaned`"),
    "header_words": Text("表头用词：字段或 headers.toml 的一组 → 词的元组", "header words: field or list of headers.toml → tuple of words"),
    "evidence": Text("键与比较各级的名称和权重：层级 → 表", "words and bits of keys and levels: entity level → tables"),
    "contact_keys": Text("联系人的查找键：`Key` 的序列", "keys of persons: a sequence of `Key`"),
    "account_keys": Text("公司的查找键：`Key` 的序列", "keys of companies: a sequence of `Key`"),
    "contact_comparisons": Text("联系人的比较：`Comparison` 的序列", "comparisons of persons: a sequence of `Comparison`"),
    "account_comparisons": Text("公司的比较：`Comparison` 的序列", "comparisons of companies: a sequence of `Comparison`"),
    "survivorship": Text("取值策略：名称 → 表达式，数大者胜", "survivorship strategy: name → expression, the largest number wins"),
    "rules": Text(
        "规则的级别与文字：`RuleEntry` 的序列；`find` 查全部记录", "words of rules: a sequence of `RuleEntry`; `find` looks at all records",
    ),
    "readers": Text(
        "后缀 → 函数 `(bytes, ReadOptions) -> [(工作表, 表)]`", "suffix → function `(bytes, ReadOptions) -> [(sheet, frame)]`",
    ),
    "writers": Text("导出格式：后缀 → 函数 `(pl.DataFrame) -> bytes`", "format of exports: suffix → function `(pl.DataFrame) -> bytes`"),
    "packs": Text("规则包：名称 → TOML 文本", "rule pack: name → TOML text"),
}  # fmt: skip
_HEADS = {
    "zh": ("扩展点", "内容", "所在", "示例行数"),
    "en": ("point", "what it takes", "home", "lines of the example"),
}


def extending_reference(language: str) -> str:
    """The table of points, with the lines that the example needs for each, and its files."""
    project = (_EXAMPLE / "pyproject.toml").read_text("utf-8")
    points = tomllib.loads(project)["project"]["entry-points"][GROUP]
    files = {target.partition(":")[0]: None for target in points.values()}
    texts = {name: (_EXAMPLE / f"{name.replace('.', '/')}.py").read_text("utf-8") for name in files}
    rows = [_HEADS[language], ("---",) * 4]
    for point, home in POINTS.items():
        text = texts.get(points.get(point, "").partition(":")[0], "")
        lines = sum(bool(line.strip()) for line in text.splitlines())
        rows.append((f"`{point}`", getattr(_TAKES[point], language), f"[{home}](../../{home})", str(lines or "–")))
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    shown = [f"`pyproject.toml`\n\n```toml\n{project}```"]
    shown += [f"`{name.replace('.', '/')}.py`\n\n```python\n{text}```" for name, text in texts.items()]
    return "\n\n".join([table, *shown]) + "\n"
