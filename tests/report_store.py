"""Stores for the tests of the quality report: several nights of the samples, and two sources that share ids."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from guiyi.config import Config
from guiyi.io.store.store import open_store
from guiyi.pipelines.context import RunOptions
from guiyi.pipelines.nightly.run import run_nightly
from guiyi.reports.quality.measure import measure

SAMPLES = Path(__file__).parent.parent / "sample_data"

CRM = """客户编号,客户名称,统一社会信用代码,联系人,手机号,负责人,更新时间
1001,杭州青禾科技有限公司,91310115MA1K2P9X33,王小明,13900000001,华东组,2024-01-02
1002,宁波澜舟贸易有限公司,,李娜,13900000002,华东组,2024-01-03
1003,苏州海川机械有限公司,,赵强,13900000003,华北组,2024-01-04
1004,无,,陈静,138,,2024-01-05
1005,广州新叶食品有限公司,,周杰,\u200b13900000005,华北组,2024-01-06
,,,,,,2024-01-07
"""
ERP = """客户编号,客户名称,统一社会信用代码,联系人,手机号,负责人,更新时间
1001,杭州青禾科技有限公司,91310115MA1K2P9X33,王小明,13900000001,华东组,2024-02-02
1002,宁波澜舟贸易有限公司,,李娜,13900000002,,2024-02-03
1003,成都远山建材有限公司,,孙丽,13900000013,=1+1,2024-02-04
"""


@pytest.fixture(scope="session")
def nights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four nights of growing samples, each with its metrics. Nobody writes to it."""
    folder = tmp_path_factory.mktemp("nights")
    head, *rows = (SAMPLES / "leads.csv").read_bytes().decode("gb18030").splitlines()
    for count in (70, 64, 90, len(rows)):
        (folder / "leads.csv").write_text("\n".join([head, *rows[:count]]) + "\n", "utf-8")
        run_nightly(
            [folder / "leads.csv", SAMPLES / "customers.xlsx"],
            folder / "a.duckdb",
            Config(),
            "zh",
            options=RunOptions(breaker=False),
        )
    return folder / "a.duckdb"


@pytest.fixture
def two_sources(tmp_path: Path) -> Path:
    """A CRM and an ERP that number their customers from one register; number 1003 is two companies."""
    for name, text in (("crm", CRM), ("erp", ERP)):
        (tmp_path / f"{name}.csv").write_text(text, "utf-8")
    run_nightly([tmp_path / "crm.csv", tmp_path / "erp.csv"], tmp_path / "two.duckdb", Config(), "zh")
    return tmp_path / "two.duckdb"


def measured(db: Path, config: Config | None = None) -> dict[tuple[str, str], float | None]:
    """(name, scope) → value."""
    with open_store(db) as store:
        told = measure(store.query, config or Config()).select("name", "scope", "value")
        return {(n, s): v for n, s, v in told.rows()}


def asked(db: Path, sql: str) -> Iterator[tuple[object, ...]]:
    """Rows of a question to the store."""
    with open_store(db) as store:
        frame: pl.DataFrame = store.query(sql)
    yield from frame.iter_rows()
