"""The report as one HTML file: no script, no request, its own SVG charts, light and dark, fit for print."""

import base64
import hashlib
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from ...evidence import off_words
from ...i18n import Text
from . import page as page_of
from .gather import TITLE, Quality
from .view import number
from .words import THEMES, WORDS


def render_html(quality: Quality) -> str:
    """The whole page; the same report gives the same bytes."""
    environment = _environment()
    css = environment.get_template("quality.css").render()
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    page = environment.get_template("quality.html").render(
        lang="en" if quality.language == "en" else "zh-CN", css=Markup(css), css_hash=digest, run=quality.run,
        t=_words(quality), trusted=quality.trusted, trust=page_of.trust(quality), parts=page_of.parts(quality),
        moves=page_of.moves(quality), changes_sql=quality.listings["changes"].sql if quality.previous else "",
        cards=list(page_of.cards(quality)), repairs=list(page_of.repairs(quality)), nulls=page_of.bars(quality, "null_rate"),
        validity=page_of.bars(quality, "validity_rate"), bands=page_of.bands(quality), findings=list(page_of.findings(quality)),
        more_findings=page_of.more(quality), lists={n: each.sql for n, each in quality.listings.items()},
        owners=page_of.ranking(quality, "owners", "owner_errors"), sources=page_of.ranking(quality, "sources", "source_errors"),
        trends=list(page_of.trends(quality)), figures=list(page_of.figures(quality)), files=list(page_of.files(quality)),
    )  # fmt: skip
    return page.strip() + "\n"


_UNMASKED = Text("个人信息未打码", "personal data in full")


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("guiyi.reports", "templates"),
        autoescape=lambda name: name is None or name.endswith(".html"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _words(quality: Quality) -> dict[str, Any]:
    """Fixed words and the sentences that hold this run's numbers."""
    say, run = quality.say, quality.run
    limit = f"{quality.config.report.trust * 100:g}%"
    trusted = Text("本次运行可信：不低于 {l} 的阈值", "This run can be trusted: it reaches {l}")
    doubtful = Text("本次运行不可信：低于 {l} 的阈值", "This run cannot be trusted: it is below {l}")
    verdict = (trusted if quality.trusted else doubtful).format(l=limit)
    if quality.trust is None:
        verdict = Text("可信度无法计算", "The trust score cannot be told")
    score = number(quality.trust, "share")
    subtitle = Text("运行 {r} · {d} UTC · 读入 {n:,} 行", "run {r} · {d} UTC · {n:,} rows read")
    made = Text("由 guiyi {v} 根据数据库本身生成，不含任何外部请求。配置 {c}，输入 {i}。",
                "Made by guiyi {v} from the store alone; the page asks for nothing outside. Configuration {c}, input {i}.")  # fmt: skip
    off = " · " + say(off_words(quality.off)) if quality.off else ""
    return {name: say(text) for name, text in WORDS.items()} | {
        "title": say(TITLE),
        "subtitle": say(subtitle).format(r=run["run_id"], d=str(run["finished_at"])[:16], n=run["rows_read"]) + off,
        "themes": [(name, say(text)) for name, text in THEMES.items()],
        "verdict": say(verdict),
        "findings_note": say(_UNMASKED if quality.unmasked else WORDS["findings_note"]),
        "watermark": say(Text("可信度 {s} · {r}", "trust {s} · {r}")).format(s=score, r=run["run_id"]),
        "still": say(
            Text("没有变化。", "Nothing has changed.")
            if quality.previous
            else Text("这是第一次运行，还没有可比的。", "This is the first run: nothing to compare with yet.")
        ),
        "foot": say(made).format(v=run["version"], c=run["config_hash"], i=run["input_hash"]),
    }
