"""Files of a kind that guiyi does not read: address books of telephones (vCard), one row per card."""

from collections.abc import Iterator

import polars as pl
from guiyi.io.table.source_table import ReadOptions

HEADERS = {"FN": "联系人", "TEL": "手机号", "EMAIL": "邮箱", "ORG": "公司名称", "NOTE": "车牌号"}


def read_vcards(data: bytes, options: ReadOptions) -> Iterator[tuple[str | None, pl.DataFrame]]:
    cards = data.decode(options.encoding or "utf-8").replace("\r\n", "\n").split("BEGIN:VCARD")[1:]
    lines = [[line.split(":", 1) for line in card.splitlines() if ":" in line] for card in cards]
    rows = [{HEADERS[k]: text for name, text in card if (k := name.split(";")[0]) in HEADERS} for card in lines]
    yield None, pl.DataFrame(rows, schema=dict.fromkeys(HEADERS.values(), pl.String))


READERS = {".vcf": read_vcards}
