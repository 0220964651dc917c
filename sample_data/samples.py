"""The small committed sample files: leads.csv (GB18030), customers.xlsx and truth.csv."""

import csv
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from .samples_sheet import write_sheet
from .scenes import SampleRow, sample_rows
from .words import load_words

LEADS_HEADER = (
    "客户编号", "来源渠道", "联系人", "客户名称", "统一社会信用代码", "手机号", "座机",
    "邮箱", "地址", "省份", "负责人", "创建时间", "最后更新时间", "备注",
)  # fmt: skip
_IN_ORDER = ("name", "company", "code", "phone", "landline", "email", "address", "province", "owner")

DATE_FORMS: tuple[Callable[[datetime], str], ...] = (
    lambda t: f"{t:%Y-%m-%d %H:%M:%S}",
    lambda t: f"{t:%Y-%m-%d}",
    lambda t: f"{t.year}/{t.month}/{t.day}",
    lambda t: f"{t.year}/{t.month}/{t.day} {t.hour}:{t.minute:02}",
    lambda t: f"{t.year}年{t.month}月{t.day}日",
    lambda t: f"{t:%Y.%m.%d}",
    lambda t: f"{t:%Y%m%d}",
    lambda t: f"{t:%Y-%m-%dT%H:%M:%S}+08:00",
    lambda t: str((t - datetime(1899, 12, 30)).days),
    lambda t: f"{t.year}/{t.month}/{t.day} {'上午' if t.hour < 12 else '下午'} {(t.hour - 1) % 12 + 1}:{t.minute:02}",
)


def write_samples(folder: Path) -> list[Path]:
    """Write the three files into `folder` and say which; the same bytes each time."""
    leads, sheet = sample_rows()
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / "leads.csv", folder / "customers.xlsx", folder / "truth.csv"]
    _write_leads(paths[0], leads)
    write_sheet(paths[1], sheet)
    _write_truth(paths[2], leads, sheet)
    return paths


def _write_leads(path: Path, rows: list[SampleRow]) -> None:
    """As a Chinese Excel saves it: GB18030, CRLF line ends, text quoted only where it must be."""
    words = load_words()
    with path.open("w", encoding="gb18030", newline="") as text:
        writer = csv.writer(text, lineterminator="\r\n")
        writer.writerow(LEADS_HEADER)
        for number, row in enumerate(rows):
            created = DATE_FORMS[number % len(DATE_FORMS)](row.created)
            updated = DATE_FORMS[number * 7 % len(DATE_FORMS)](row.updated)
            cells = [row.values.get(field, "") for field in _IN_ORDER]
            channel = words.channels[number % len(words.channels)]
            writer.writerow([f"L{number + 1:04}", channel, *cells, created, updated, row.values.get("remark", "")])


def _write_truth(path: Path, leads: list[SampleRow], sheet: list[SampleRow]) -> None:
    with path.open("w", encoding="utf-8", newline="") as text:
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(("record_id", "contact", "account"))
        for letter, rows in (("L", leads), ("K", sheet)):
            writer.writerows((f"{letter}{number + 1:04}", row.contact, row.account) for number, row in enumerate(rows))
