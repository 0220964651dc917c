"""Customer numbers that sources share and fill differently."""

from pathlib import Path

import pytest
from guiyi.config import Config
from guiyi.io.store.store import open_store
from guiyi.pipelines.nightly.run import run_nightly

HEADERS = "客户编号,姓名,手机,邮箱,更新时间\n"
APP = "C001,周晓燕,13800001111,,2026-01-01\nC002,李雷,13900002222,,2026-01-01\n"
DESK = "C001,周晓燕,13800003333,,2026-03-01\nC002,李雷,13900002222,,2026-01-01\n"


def conflicts(folder: Path, *nights: dict[str, str]) -> list[tuple[str, str, str, str | None]]:
    for files in nights:
        for name, rows in files.items():
            (folder / f"{name}.csv").write_text(HEADERS + rows, "utf-8")
        run_nightly([folder / f"{name}.csv" for name in files], folder / "a.duckdb", Config(), "zh")
    with open_store(folder / "a.duckdb") as store:
        told = store.query(
            "SELECT source_record_id, field, value, suggestion FROM main.finding WHERE rule = 'identity.id_conflict' ORDER BY ALL"
        )
    return told.rows()


def test_the_last_updated_value_of_a_number_counts(tmp_path: Path) -> None:
    excel = "C001,周小燕,13800004444,,2026-02-01\n"
    newest = "+8613800003333"
    assert conflicts(tmp_path, {"app": APP, "desk": DESK, "excel": excel}) == [
        ("C001", "phone", "+8613800001111", newest),
        ("C001", "phone", "+8613800004444", newest),
    ]


@pytest.mark.parametrize(
    ("other", "fields"),
    [
        pytest.param("C001,王五,13700001111,,\nC002,赵六,13700002222,,\n", [], id="another numbering"),
        pytest.param("C001,周晓燕,13800001111,a@b.com,\n", [], id="what one lacks"),
        pytest.param("C001,周小燕,13800001111,,2026-03-01\n", [], id="a name that sounds the same"),
        pytest.param("C001,吴桐,13800001111,,2026-03-01\n", ["person_name"], id="another name on the same phone"),
    ],
)
def test_a_number_is_shared_where_something_beside_it_is(tmp_path: Path, other: str, fields: list[str]) -> None:
    assert [field for _, field, _, _ in conflicts(tmp_path, {"app": APP, "other": other})] == fields


def test_without_a_time_none_is_preferred(tmp_path: Path) -> None:
    app, desk = "C001,周晓燕,13800001111,,\n", "C001,周晓燕,13800003333,,\n"
    assert [told[3] for told in conflicts(tmp_path, {"app": app, "desk": desk})] == [None]


def test_a_conflict_comes_and_goes_with_the_other_source(tmp_path: Path) -> None:
    assert conflicts(tmp_path, {"app": APP}, {"desk": DESK}) == [("C001", "phone", "+8613800001111", "+8613800003333")]
    mended = APP.replace("13800001111", "13800003333")
    assert conflicts(tmp_path, {"app": mended}) == []
