"""The Excel round trip: what stewards choose in a spreadsheet comes back as exactly those decisions, and nothing is lost."""

import json
import multiprocessing
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from guiyi.decisions import Decision
from guiyi.errors import InputError, UsageError
from guiyi.io.store.journal import decisions_of, journal_path, open_journal
from guiyi.io.store.store import open_store
from guiyi.pipelines.steward.workbook_out import BookRequest, write_workbook
from guiyi.pipelines.steward.workbook_read import BookRead, read_workbook
from guiyi.reports.workbook.words import CHOSEN_FIELDS, HEADS, TAKE
from guiyi.schemas import RUN, TABLES
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.worksheet.worksheet import Worksheet

NAMES = {t.name: t for t in TABLES}


def publish(
    path: Path, sizes: list[int], *, action: str = "merge", run: int = 1, seed: int | None = None
) -> list[list[str]]:
    """A store with groups of these sizes, the least certain first; the record keys of each group, new for every `seed`."""
    seed = run if seed is None else seed
    groups = [[f"r{seed}g{g:05d}m{m}" for m in range(size)] for g, size in enumerate(sizes)]
    level = "contact" if action == "merge" else "account"
    rows = [(key, g, m) for g, keys in enumerate(groups) for m, key in enumerate(keys)]
    keys = [key for key, _, _ in rows]
    record = pl.DataFrame(
        {
            "record_key": keys, "source": "leads", "source_record_id": [f"L{g}-{m}" for _, g, m in rows],
            "person_name": ["张伟" if m else "张晓伟" for *_, m in rows], "company_name": "云岫软件",
            "phone": [f"+86139{g:05d}{m:03d}" for _, g, m in rows], "email": [f"a{m}@b.cn" if m else None for *_, m in rows],
            "address": [f"上海市浦东新区世纪大道{m}号" for *_, m in rows],
        }
    )  # fmt: skip
    ids = [f"{seed:02d}{g:014x}" for g in range(len(groups))]
    group = pl.DataFrame(
        {
            "level": level, "group_id": ids, "entity_id": [f"C{i}" for i in ids], "size": sizes, "action": action,
            "band": ["review" if g % 2 == 0 else "auto" for g in range(len(groups))],
            "score_min": [0.82 + 0.1 * g / len(groups) for g in range(len(groups))],
            "weakest_link": '{"reasons": {"name": {"level": "exact", "weight": 9.09}}}',
        }
    )  # fmt: skip
    member = pl.DataFrame({"level": level, "entity_id": [f"C{ids[g]}" for _, g, _ in rows], "record_key": keys})
    plan = pl.DataFrame(
        {"plan_id": ids, "group_id": ids, "survivor_record_key": [k[0] for k in groups], "status": "review"}
    )
    golden = pl.DataFrame(
        {"entity_id": group["entity_id"], "field": "email", "value": "a1@b.cn", "record_key": [k[-1] for k in groups],
         "rule": "survivorship.latest", "alternatives": "[]"}
    )  # fmt: skip
    frames = {"record": record, "duplicate_group": group, "entity_member": member}
    frames |= {"merge_plan": plan, "golden_value": golden} if action == "merge" else {}
    with open_store(path, create=True) as store:
        tables = {name: NAMES[name].conform(frame) for name, frame in frames.items()}
        store.publish(run, {**tables, "run": run_row(run, len(rows))})
    return groups


def run_row(number: int, rows: int) -> pl.DataFrame:
    """The run, on the first days of 2026."""
    day = datetime(2026, 1, number)
    about = {"run_id": f"r{number:06d}-x", "pipeline": "nightly", "status": "published", "started_at": day,
             "finished_at": day, "rows_read": rows, "rows_clean": rows, "rows_quarantined": 0, "config_hash": "x",
             "rules_hash": "x", "input_hash": "x", "version": "x", "number": number, "mode": "whole"}  # fmt: skip
    return RUN.conform(pl.DataFrame([about]))


class Book:
    """A book as a person has it open: cells by column heading."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.book = openpyxl.load_workbook(path)

    @property
    def sheet(self) -> Worksheet:
        return self.book.worksheets[0]

    def column(self, name: str) -> int:
        heads = [cell.value for cell in self.sheet[1]]
        return heads.index(HEADS[name].text.zh) + 1

    def row(self, key: str) -> int:
        cells = [self.sheet.cell(r, self.column("record_key")).value for r in range(1, self.sheet.max_row + 1)]
        return cells.index(key) + 1

    def put(self, key: str, column: str, text: str | None) -> "Book":
        self.sheet.cell(self.row(key), self.column(column)).value = text
        return self

    def save(self) -> Path:
        self.book.save(self.path)
        return self.path


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "guiyi.duckdb"


def written(store: Path, **wishes: object) -> Book:
    target = store.with_name("book.xlsx")
    write_workbook(store, target, BookRequest(**wishes))  # type: ignore[arg-type]
    return Book(target)


def said(store: Path) -> list[tuple[str, object]]:
    """Kind and records of everything in the journal."""
    return [(d["kind"], json.loads(d["record_keys"])) for d in decisions_of(store).iter_rows(named=True)]


def reasons(read: BookRead) -> list[tuple[int, str]]:
    return [(r.row, r.reason) for r in read.refused]


# --- the book -----------------------------------------------------------------------------------------------------------


def test_a_book_has_a_row_per_record_the_least_certain_group_first_and_its_survivor_first(store):
    (a, b) = publish(store, [2, 3])
    sheet = written(store).sheet
    book = written(store)
    keys = [sheet.cell(r, book.column("record_key")).value for r in range(2, sheet.max_row + 1)]
    assert keys == [a[0], a[1], *b]
    assert sheet.cell(2, book.column("plan")).value == "★"
    assert sheet.cell(3, book.column("plan")).value is None


def test_differences_to_the_first_row_are_coloured_and_values_to_take_are_bold(store):
    publish(store, [2])
    book = written(store)
    phone, email, company = (book.sheet.cell(3, book.column(c)) for c in ("phone", "email", "company_name"))
    assert phone.fill.fgColor.rgb == "FFFFE08A"
    assert email.fill.fgColor.rgb == "FFCDEBCB"
    assert company.fill.fgColor.rgb not in ("FFFFE08A", "FFCDEBCB")
    assert email.font.bold
    assert not phone.font.bold


def test_neighbouring_groups_have_different_shades_and_a_line_between(store):
    publish(store, [2, 2])
    book = written(store)
    column = book.column("company_name")
    shades = [book.sheet.cell(r, column).fill.fgColor.rgb for r in (2, 3, 4, 5)]
    assert shades[0] == shades[1] != shades[2] == shades[3]
    assert [book.sheet.cell(r, column).border.top.style for r in (2, 3, 4, 5)] == ["thin", None, "thin", None]


def test_only_what_is_to_fill_in_is_unlocked_and_has_drop_downs(store):
    publish(store, [2])
    book = written(store)
    assert book.sheet.protection.sheet
    unlocked = {c.column for c in book.sheet[2] if not c.protection.locked}
    choices = {"verdict", "exclude", "survivor", "note", "take.person_name", "take.phone", "take.address"}
    assert unlocked == {book.column(c) for c in choices}
    offered = {str(v.sqref).split(":")[0]: v.formula1 for v in book.sheet.data_validations.dataValidation}
    assert offered[book.sheet.cell(2, book.column("verdict")).coordinate] == '"合并,不合并,待定"'
    assert offered[book.sheet.cell(2, book.column("take.phone")).coordinate] == '"采用"'
    assert len(offered) == len(choices) - 1
    assert book.sheet.freeze_panes == "F2"


def test_links_offer_no_survivor_and_no_values(store):
    publish(store, [2], action="link")
    book = written(store, level="account")
    heads = {c.value for c in book.sheet[1]}
    assert "保留" not in heads
    assert not [h for h in heads if str(h).startswith("采用")]
    offered = [v.formula1 for v in book.sheet.data_validations.dataValidation]
    assert '"关联,不关联,待定"' in offered


def test_instructions_are_in_chinese_and_the_facts_are_out_of_sight(store):
    publish(store, [2])
    book = written(store).book
    assert book.sheetnames == ["复核", "说明", "guiyi"]
    assert "怎么填" in [row[0].value for row in book["说明"].iter_rows()]
    assert book["guiyi"].sheet_state == "veryHidden"


def test_personal_data_is_masked_unless_asked_for_which_is_audited(store):
    publish(store, [2])
    book = written(store)
    texts = [str(c.value) for row in book.sheet.iter_rows() for c in row]
    assert "张*" in texts
    assert not [t for t in texts if t.startswith("+8613900000")]
    book = written(store, unmask=True)
    assert book.sheet.cell(2, book.column("phone")).value == "+8613900000000"
    with open_store(store) as opened:
        assert opened.table("audit_event")["action"].to_list() == ["unmask"]


def test_the_same_state_gives_the_same_bytes(store):
    publish(store, [2, 3])
    first = written(store).path.read_bytes()
    assert written(store).path.read_bytes() == first


def test_decided_groups_say_so_and_can_be_left_out(store):
    a, b = publish(store, [2, 2])
    with open_journal(store) as journal:
        journal.append([Decision("contact", "must_link", [a], by="王芳")])
        journal.append([Decision("contact", "split", [[b[0]], [b[1]]], by="李雷")])
        journal.append(
            [Decision("contact", "retract", [b], detail={"decision_id": decisions_of(store)["decision_id"][1]})]
        )
    book = written(store)
    told = [book.sheet.cell(r, book.column("decided")).value for r in range(2, 6)]
    assert [t and t.split(" · ")[:2] for t in told] == [["认定为同一个", "王芳"]] * 2 + [None] * 2
    book = written(store, open_only=True)
    assert book.sheet.max_row == 3
    assert book.row(b[0]) == 2


def test_a_group_that_formed_in_spite_of_older_words_is_undecided(store):
    """The run has heard that a and b are two; that a and c are one is for somebody to say."""
    publish(store, [2, 2])
    old = datetime(2025, 12, 31)
    with open_journal(store) as journal:
        journal.append([Decision("contact", "cannot_link", [["r1g00000m0", "x"]], at=old)])
        journal.append([Decision("contact", "must_link", [["r1g00001m0", "r1g00001m1", "y"]], at=old)])
    book = written(store, open_only=True)
    assert book.sheet.max_row == 3
    assert book.row("r1g00000m0") == 2


@pytest.mark.parametrize("wishes", [{"level": "account"}, {"band": "auto"}], ids=["level", "band"])
def test_no_group_is_said(store, wishes):
    publish(store, [2])
    with pytest.raises(UsageError) as refused:
        written(store, **wishes)
    assert refused.value.reason == "workbook.empty"


# --- and back -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("put", "expected"),
    [
        pytest.param([(0, "verdict", "合并")], [("must_link", [0, 1, 2])], id="merge"),
        pytest.param([(2, "verdict", "合并")], [("must_link", [0, 1, 2])], id="merge said in another row"),
        pytest.param([(0, "verdict", "合并"), (1, "verdict", " 合并 ")], [("must_link", [0, 1, 2])], id="said twice"),
        pytest.param([(0, "verdict", "不合并")], [("cannot_link", [0, 1, 2])], id="do not merge"),
        pytest.param([(0, "verdict", "待定")], [], id="undecided"),
        pytest.param([], [], id="blank"),
        pytest.param([(0, "verdict", "do not merge")], [("cannot_link", [0, 1, 2])], id="English"),
        pytest.param([(1, "exclude", "排除")], [("split", [[0, 2], [1]])], id="exclude one"),
        pytest.param(
            [(0, "verdict", "合并"), (1, "exclude", "排除")],
            [("must_link", [0, 2]), ("split", [[0, 2], [1]])], id="merge but one",
        ),
        pytest.param(
            [(1, "exclude", "排除"), (2, "exclude", "排除")], [("split", [[0], [1, 2]])], id="of two excluded nothing is said"
        ),
        pytest.param(
            [(0, "verdict", "合并"), (1, "survivor", "保留"), (2, "take.phone", "采用")],
            [("must_link", [0, 1, 2]), ("choose_survivor", [0, 1, 2]), ("choose_value", [0, 1, 2])], id="survivor and value",
        ),
        pytest.param([(2, "take.phone", "采用")], [("choose_value", [0, 1, 2])], id="value without a decision"),
    ],
)  # fmt: skip
def test_choices_become_decisions(store, put, expected):
    (keys,) = publish(store, [3])
    book = written(store)
    for place, column, text in put:
        book.put(keys[place], column, text)
    read = read_workbook(store, book.save(), "王芳")
    named = [(k, [[keys[i] for i in p] for p in ks] if k == "split" else [keys[i] for i in ks]) for k, ks in expected]
    assert said(store) == named
    assert read.refused == ()
    assert read.stored.decisions == len(expected)
    assert set(decisions_of(store)["by"]) <= {"王芳"}


def test_a_chosen_value_is_stored_in_full_from_a_masked_book(store):
    (keys,) = publish(store, [2])
    book = written(store).put(keys[1], "take.phone", "采用").put(keys[0], "note", "回访确认")
    read_workbook(store, book.save())
    (row,) = decisions_of(store).to_dicts()
    detail = json.loads(row["detail"])
    assert (detail["field"], detail["value"], detail["record_key"]) == ("phone", "+8613900000001", keys[1])
    assert row["note"] == "回访确认"


@pytest.mark.parametrize(
    ("put", "place", "reason"),
    [
        pytest.param([(0, "verdict", "也许")], 0, "choice.unknown", id="unknown decision"),
        pytest.param([(1, "take.phone", "13900001234")], 1, "choice.unknown", id="a value typed in"),
        pytest.param([(0, "verdict", "合并"), (1, "verdict", "不合并")], 1, "choice.contradiction", id="two decisions"),
        pytest.param([(0, "verdict", "待定"), (2, "verdict", "合并")], 2, "choice.contradiction", id="decided and undecided"),
        pytest.param([(0, "survivor", "保留"), (1, "survivor", "保留")], 1, "choice.contradiction", id="two survivors"),
        pytest.param([(0, "take.phone", "采用"), (2, "take.phone", "采用")], 2, "choice.contradiction", id="two values"),
        pytest.param([(1, "survivor", "保留"), (1, "exclude", "排除")], 1, "choice.contradiction", id="excluded survivor"),
        pytest.param([(0, "verdict", "不合并"), (1, "survivor", "保留")], 1, "choice.contradiction", id="no merge, survivor"),
        pytest.param([(0, "verdict", "不合并"), (1, "exclude", "排除")], 1, "choice.contradiction", id="no merge, exclude"),
        pytest.param(
            [(0, "verdict", "合并"), (1, "exclude", "排除"), (2, "exclude", "排除")], 1, "choice.contradiction", id="one left"
        ),
        pytest.param([(i, "exclude", "排除") for i in range(3)], 0, "choice.contradiction", id="none left"),
        pytest.param([(0, "take.email", "采用")], 0, "choice.no_value", id="a value that is not there"),
    ],
)  # fmt: skip
def test_a_group_that_contradicts_itself_is_refused_and_the_others_are_stored(store, put, place, reason):
    keys, other = publish(store, [3, 2])
    book = written(store).put(other[0], "verdict", "合并")
    for at, column, text in put:
        book.put(keys[at], column, text)
    row = book.row(keys[place])
    read = read_workbook(store, book.save())
    assert reasons(read) == [(row, reason)]
    assert said(store) == [("must_link", other)]


def test_refusals_never_quote_a_cell(store):
    (keys,) = publish(store, [2])
    book = written(store).put(keys[0], "verdict", "13912345678")
    read = read_workbook(store, book.save())
    assert "13912345678" not in str(read)


# --- what people do to a book ------------------------------------------------------------------------------------------


def sort_rows(book: Book, groups: list[list[str]]) -> None:
    """By phone, the wrong way round: groups are torn apart."""
    rows = [[c.value for c in row] for row in book.sheet.iter_rows(min_row=2)]
    rows.sort(key=lambda row: str(row[book.column("phone") - 1])[-3:], reverse=True)
    for at, row in enumerate(rows, start=2):
        for column, value in enumerate(row, start=1):
            book.sheet.cell(at, column).value = value


def filter_rows(book: Book, groups: list[list[str]]) -> None:
    for row in range(2, book.sheet.max_row, 2):
        book.sheet.row_dimensions[row].hidden = True


def insert_title(book: Book, groups: list[list[str]]) -> None:
    book.sheet.insert_rows(1, 2)
    book.sheet.cell(1, 1).value = "三季度复核"


def add_columns(book: Book, groups: list[list[str]]) -> None:
    book.sheet.cell(1, book.sheet.max_column + 1).value = "我的备注"
    book.sheet.cell(2, book.sheet.max_column).value = "打电话问过"


def move_keys(book: Book, groups: list[list[str]]) -> None:
    """The key columns to the front."""
    for row in book.sheet.iter_rows():
        values = [c.value for c in row]
        for cell, value in zip(row, values[-3:] + values[:-3], strict=True):
            cell.value = value


def blank_rows_between(book: Book, groups: list[list[str]]) -> None:
    book.sheet.insert_rows(3)
    book.sheet.insert_rows(6, 2)


def overwrite_data(book: Book, groups: list[list[str]]) -> None:
    for row in range(2, book.sheet.max_row + 1):
        book.sheet.cell(row, book.column("company_name")).value = None
        book.sheet.cell(row, book.column("phone")).value = 13900001234


def rename_sheet(book: Book, groups: list[list[str]]) -> None:
    book.sheet.title = "王芳的"


def other_half(book: Book, groups: list[list[str]]) -> None:
    """Half of the groups are moved to a second sheet with the same heading."""
    second = book.book.create_sheet("第二页")
    rows = [[c.value for c in row] for row in book.sheet.iter_rows()]
    for row in (rows[0], *rows[-2:]):
        second.append(row)
    book.sheet.delete_rows(book.sheet.max_row - 1, 2)


@pytest.mark.parametrize(
    "habit",
    [
        sort_rows,
        filter_rows,
        insert_title,
        add_columns,
        move_keys,
        blank_rows_between,
        overwrite_data,
        rename_sheet,
        other_half,
    ],
    ids=lambda habit: habit.__name__,
)
def test_harmless_habits_change_nothing(store, habit):
    groups = publish(store, [2, 3, 2])
    book = written(store)
    book.put(groups[0][1], "verdict", "合并").put(groups[1][2], "exclude", "排除").put(
        groups[2][0], "verdict", "不合并"
    )
    habit(book, groups)
    read = read_workbook(store, book.save())
    assert read.refused == ()
    wanted = [("must_link", groups[0]), ("split", [groups[1][:2], groups[1][2:]]), ("cannot_link", groups[2])]
    assert sorted(said(store), key=str) == sorted(wanted, key=str)


def delete_a_row(book: Book, keys: list[str]) -> int:
    book.sheet.delete_rows(book.row(keys[1]))
    return book.row(keys[0])


def edit_a_key(book: Book, keys: list[str]) -> int:
    row = book.row(keys[0])
    book.put(keys[0], "record_key", "x")
    return row


def swap_groups(book: Book, keys: list[str]) -> int:
    row = book.row(keys[0])
    book.put(keys[0], "group_id", "0100000000000001")
    return row


def blank_a_key(book: Book, keys: list[str]) -> int:
    row = book.row(keys[1])
    book.put(keys[1], "check", None)
    return row


def copy_a_row(book: Book, keys: list[str]) -> int:
    book.sheet.append([c.value for c in book.sheet[book.row(keys[0])]])
    return int(book.sheet.max_row)


def paste_another_row(book: Book, keys: list[str]) -> int:
    """Row 0 with all its keys over row 1."""
    source, target = book.row(keys[0]), book.row(keys[1])
    for cell in book.sheet[source]:
        book.sheet.cell(target, cell.column).value = cell.value
    return target


@pytest.mark.parametrize(
    ("harm", "expected"),
    [
        pytest.param(delete_a_row, ["group.rows_missing"], id="a row deleted"),
        pytest.param(edit_a_key, ["row.keys_edited", "group.rows_missing"], id="a key edited"),
        pytest.param(swap_groups, ["row.keys_edited", "group.rows_missing"], id="another group's id"),
        pytest.param(blank_a_key, ["row.no_keys", "group.rows_missing"], id="a key blanked"),
        pytest.param(copy_a_row, ["row.duplicated"], id="a row copied"),
        pytest.param(paste_another_row, ["row.duplicated"], id="a row pasted over another"),
    ],
)
def test_harm_is_refused_with_its_row_and_the_other_groups_are_stored(
    store, harm: Callable[[Book, list[str]], int], expected
):
    keys, other = publish(store, [3, 2])
    book = written(store).put(keys[2], "verdict", "合并").put(other[1], "verdict", "合并")
    row = harm(book, keys)
    read = read_workbook(store, book.save())
    assert {r.reason for r in read.refused} == set(expected)
    assert (row, expected[0]) in reasons(read)
    assert said(store) == [("must_link", other)]


def test_whole_groups_may_be_deleted(store):
    _, other = publish(store, [2, 2])
    book = written(store).put(other[1], "verdict", "合并")
    book.sheet.delete_rows(2, 2)
    read = read_workbook(store, book.save())
    assert (read.refused, read.removed, read.groups) == ((), 1, 1)
    assert said(store) == [("must_link", other)]


def drop_column(book: Book) -> None:
    book.sheet.delete_cols(book.column("take.phone"))


def double_column(book: Book) -> None:
    book.sheet.cell(1, book.sheet.max_column + 1).value = "决定"


def rename_column(book: Book) -> None:
    book.sheet.cell(1, book.column("group_id")).value = "编组"


def edit_facts(book: Book) -> None:
    book.book["guiyi"].cell(5, 2).value = "999"


def drop_facts(book: Book) -> None:
    del book.book["guiyi"]


@pytest.mark.parametrize(
    ("harm", "reason"),
    [
        pytest.param(drop_column, "workbook.damaged", id="a choice column deleted"),
        pytest.param(double_column, "workbook.damaged", id="a choice column twice"),
        pytest.param(rename_column, "workbook.damaged", id="a key column renamed"),
        pytest.param(edit_facts, "workbook.damaged", id="hidden page edited"),
        pytest.param(drop_facts, "workbook.foreign", id="hidden page deleted"),
    ],
)
def test_a_damaged_book_is_refused_whole(store, harm: Callable[[Book], None], reason):
    (keys,) = publish(store, [2])
    book = written(store).put(keys[0], "verdict", "合并")
    harm(book)
    with pytest.raises(InputError) as refused:
        read_workbook(store, book.save())
    assert refused.value.reason == reason
    assert not journal_path(store).exists()


# --- what happened meanwhile --------------------------------------------------------------------------------------------


def test_a_group_that_changed_since_is_refused_if_anything_was_decided_in_it(store):
    old = publish(store, [2, 2])
    book = written(store).put(old[0][0], "verdict", "合并")
    publish(store, [2, 2], run=2)
    read = read_workbook(store, book.save())
    assert reasons(read) == [(2, "group.changed")]
    assert read.undecided == 1
    assert said(store) == []


def test_a_later_run_that_left_the_group_alone_is_no_obstacle(store):
    old = publish(store, [2])
    book = written(store).put(old[0][0], "verdict", "合并")
    publish(store, [2], run=2, seed=1)
    assert read_workbook(store, book.save()).stored.groups == 1


def test_reading_twice_stores_once(store):
    keys, _ = publish(store, [2, 2])
    book = written(store).put(keys[0], "verdict", "合并").put(keys[0], "take.phone", "采用")
    first, second = (read_workbook(store, book.save()) for _ in range(2))
    assert (first.stored.decisions, second.stored.decisions, second.stored.groups_before) == (2, 0, 1)
    assert second.refused == ()
    assert len(said(store)) == 2


def test_a_book_is_filled_in_bit_by_bit(store):
    a, b = publish(store, [2, 2])
    book = written(store).put(a[0], "verdict", "合并")
    read_workbook(store, book.save())
    book.put(b[0], "verdict", "不合并").put(a[1], "survivor", "保留")
    read = read_workbook(store, book.save())
    assert (read.stored.groups, read.stored.decisions, read.refused) == (2, 2, ())
    assert said(store) == [("must_link", a), ("choose_survivor", a), ("cannot_link", b)]


def test_another_word_on_what_the_book_said_before_is_refused(store):
    (a,) = publish(store, [2])
    book = written(store).put(a[0], "verdict", "合并")
    read_workbook(store, book.save())
    read = read_workbook(store, book.put(a[0], "verdict", "不合并").save())
    assert [r.reason for r in read.refused] == ["decision.conflict"]
    assert said(store) == [("must_link", a)]


def test_somebody_decided_meanwhile_is_said_with_name_and_loses_nothing(store):
    a, b = publish(store, [2, 2])
    book = written(store).put(a[1], "verdict", "合并").put(b[0], "verdict", "合并")
    with open_journal(store) as journal:
        journal.append([Decision("contact", "cannot_link", [a], by="李雷")])
    read = read_workbook(store, book.save())
    assert reasons(read) == [(2, "decision.conflict")]
    assert "李雷" in read.refused[0].message.zh
    assert said(store) == [("cannot_link", a), ("must_link", b)]


def test_what_was_taken_back_is_not_said_again_by_the_same_book(store):
    (a,) = publish(store, [2])
    book = written(store).put(a[0], "verdict", "合并")
    read_workbook(store, book.save())
    with open_journal(store) as journal:
        journal.append(
            [
                Decision(
                    "contact", "retract", [], detail={"decision_id": decisions_of(store)["decision_id"][0]}, by="李雷"
                )
            ]
        )
    assert [r.reason for r in read_workbook(store, book.save()).refused] == ["decision.conflict"]


def test_what_was_decided_before_the_book_may_be_decided_again(store):
    (a,) = publish(store, [2])
    with open_journal(store) as journal:
        journal.append([Decision("contact", "cannot_link", [a], by="李雷")])
    book = written(store).put(a[0], "verdict", "合并")
    assert read_workbook(store, book.save()).refused == ()
    assert said(store) == [("cannot_link", a), ("must_link", a)]


def test_two_readings_at_the_same_time_store_once(store):
    groups = publish(store, [2] * 50)
    book = written(store)
    for keys in groups:
        book.put(keys[0], "verdict", "合并")
    book.save()
    context = multiprocessing.get_context("spawn")
    readers = [context.Process(target=read_workbook, args=(store, book.path)) for _ in range(3)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    assert [reader.exitcode for reader in readers] == [0] * 3
    assert sorted(said(store)) == [("must_link", keys) for keys in groups]


# --- any choice ---------------------------------------------------------------------------------------------------------

TAKEN = ("phone", "address", "person_name", "email")
FILLED = st.fixed_dictionaries(
    {
        "verdict": st.sampled_from([None, "合并", "不合并", "待定"]),
        "exclude": st.sets(st.integers(0, 2)),
        "survivor": st.none() | st.integers(0, 2),
        **{TAKE + f: st.none() | st.integers(0, 2) for f in TAKEN},
    }
)


def expected_of(keys: list[str], filled: dict[str, object]) -> list[tuple[str, object, object]] | None:
    """What the rules say a group's choices mean, None: refused."""
    out = {keys[i] for i in filled["exclude"]}  # type: ignore[attr-defined]
    left = [k for k in keys if k not in out]
    marks = {c: keys[i] for c, i in filled.items() if c not in ("verdict", "exclude") and i is not None}  # type: ignore[index]
    if filled["verdict"] == "不合并" and (marks or out):
        return None
    if any(key in out for key in marks.values()) or marks.get("take.email") == keys[0]:
        return None
    if out and len(left) < (2 if filled["verdict"] == "合并" or marks else 1):
        return None
    told: list[tuple[str, object, object]] = []
    told += [("must_link", left, None)] if filled["verdict"] == "合并" else []
    told += [("cannot_link", left, None)] if filled["verdict"] == "不合并" else []
    told += [("split", sorted([sorted(out), left]), None)] if out else []
    told += [("choose_survivor", left, marks["survivor"])] if "survivor" in marks else []
    return told + [("choose_value", left, (f, marks[TAKE + f])) for f in CHOSEN_FIELDS if TAKE + f in marks]


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[list[str]], Path]:
    store = tmp_path_factory.mktemp("any") / "guiyi.duckdb"
    groups = publish(store, [3, 3, 3, 3])
    return store, groups, written(store).path


@settings(max_examples=25)
@given(filled=st.lists(FILLED, min_size=4, max_size=4), order=st.permutations(range(12)))
def test_any_choice_comes_back_as_exactly_those_decisions(prepared, filled, order):
    store, groups, path = prepared
    journal_path(store).unlink(missing_ok=True)
    book = Book(path)
    book.path = path.with_name("filled.xlsx")
    for keys, wishes in zip(groups, filled, strict=True):
        book.put(keys[1], "verdict", wishes["verdict"])
        for at in wishes["exclude"]:
            book.put(keys[at], "exclude", "排除")
        for column in ("survivor", *(TAKE + f for f in TAKEN)):
            if (at := wishes[column]) is not None:
                book.put(keys[at], column, "保留" if column == "survivor" else "采用")
    rows = [[c.value for c in row] for row in book.sheet.iter_rows(min_row=2)]
    for line, at in enumerate(order, start=2):
        for column, value in enumerate(rows[at], start=1):
            book.sheet.cell(line, column).value = value
    read = read_workbook(store, book.save())
    expected = [expected_of(keys, wishes) for keys, wishes in zip(groups, filled, strict=True)]
    decisions = decisions_of(store).to_dicts()
    for keys, wanted in zip(groups, expected, strict=True):
        own = [d for d in decisions if keys[0] in d["record_keys"] or keys[1] in d["record_keys"]]
        told = []
        for d in own:
            detail = json.loads(d["detail"])
            chosen = {
                "choose_survivor": detail.get("record_key"),
                "choose_value": (detail.get("field"), detail.get("record_key")),
            }
            told.append((d["kind"], json.loads(d["record_keys"]), chosen.get(d["kind"])))
        assert told == (wanted or [])
    assert len(decisions) == sum(len(wanted or []) for wanted in expected)
    assert len({r.group_id for r in read.refused}) == expected.count(None)


def test_a_thousand_groups_there_and_back(store):
    groups = publish(store, [3] * 1000)
    target = store.with_name("book.xlsx")
    write_workbook(store, target, BookRequest(limit=10_000))
    book = openpyxl.load_workbook(target)
    sheet = book.worksheets[0]
    heads = [c.value for c in sheet[1]]
    for row in range(2, sheet.max_row + 1, 3):
        sheet.cell(row, heads.index("决定") + 1).value = "合并"
    book.save(target)
    read = read_workbook(store, target)
    assert read.stored.groups == read.stored.decisions == len(groups)
    assert read.refused == ()


# --- the command --------------------------------------------------------------------------------------------------------


def test_the_command_writes_reads_and_says_what_was_refused(guiyi, tmp_path, store):
    a, b = publish(store, [2, 2])
    assert guiyi("workbook", "book.xlsx", "--db", store, "--format", "json").returncode == 0
    book = Book(tmp_path / "book.xlsx").put(a[0], "verdict", "合并").put(b[1], "verdict", "随便")
    book.save()
    done = guiyi("workbook", "--read", "book.xlsx", "--db", store, "--format", "json", "--by", "王芳")
    told = json.loads(done.stdout)
    assert done.returncode == 1
    assert (told["stored_groups"], told["stored_decisions"]) == (1, 1)
    assert [(r["sheet"], r["row"], r["reason"]) for r in told["refused"]] == [("复核", 5, "choice.unknown")]
    assert decisions_of(store)["by"].to_list() == ["王芳"]
    text = guiyi("workbook", "--read", "book.xlsx", "--db", store).stdout
    assert "此前已保存的组 1" in text
    assert "「决定」列的内容不是可选项" in text


@pytest.mark.parametrize(
    "arguments",
    [[], ["a.xlsx", "--read", "b.xlsx"], ["a.csv"], ["a.xlsx", "--level", "planet"]],
    ids=["nothing", "both", "no workbook", "no level"],
)
def test_the_command_refuses_what_makes_no_sense(guiyi, store, arguments):
    publish(store, [2])
    assert guiyi("workbook", *arguments, "--db", store).returncode == 2


def test_a_workbook_that_is_there_is_not_overwritten_unless_forced(guiyi, tmp_path, store):
    a = publish(store, [2])[0]
    assert guiyi("workbook", "book.xlsx", "--db", store).returncode == 0
    Book(tmp_path / "book.xlsx").put(a[0], "verdict", "合并").save()
    filled = (tmp_path / "book.xlsx").read_bytes()
    done = guiyi("workbook", "book.xlsx", "--db", store)
    assert (done.returncode, done.stdout) == (2, "")
    assert "book.xlsx 已存在" in done.stderr
    assert (tmp_path / "book.xlsx").read_bytes() == filled
    assert guiyi("workbook", "book.xlsx", "--db", store, "--force").returncode == 0
    assert (tmp_path / "book.xlsx").read_bytes() != filled


def test_a_workbook_of_somebody_else_is_refused(guiyi, store, samples):
    publish(store, [2])
    done = guiyi("workbook", "--read", samples / "customers.xlsx", "--db", store)
    assert done.returncode == 3
    assert "guiyi workbook" in done.stderr
