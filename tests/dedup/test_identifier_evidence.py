"""Identifiers end to end: read from every column that holds some, compared, counted, found again on another night. All are invented."""

from pathlib import Path

import pytest
from guiyi.config import Config
from guiyi.io.store.store import open_store
from guiyi.pipelines.merge.apply import apply_plan, plan_of
from guiyi.pipelines.nightly.run import run_nightly

OPENID, OTHER_OPENID = "o" + "aB3" * 9, "o" + "xY7" * 9
CARD, OTHER_CARD = "330106198503120589", "11010519491231002X"
HEAD = "客户编号,联系人,手机号,微信OpenID,微信号,身份证号,会员卡号"


def run(folder: Path, rows: list[str], header: str = HEAD, name: str = "leads.csv") -> Path:
    path, store = folder / name, folder / "s.duckdb"
    path.write_text("\n".join([header, *rows]), "utf-8")
    run_nightly([path], store, Config(), "en")
    return store


def grouped(store: Path, level: str = "contact") -> dict[frozenset[str], str]:
    """Customer numbers of each group → its band."""
    with open_store(store) as opened:
        found = opened.query(
            "SELECT list(m.source_record_id) AS ids, any_value(g.band) AS band FROM main.duplicate_group g"
            " JOIN main.entity_member m USING (level, entity_id) WHERE level = ? GROUP BY entity_id", [level]
        )  # fmt: skip
    return {frozenset(ids): band for ids, band in found.iter_rows()}


def test_a_row_keeps_each_of_its_identifiers_and_its_columns(tmp_path: Path) -> None:
    store = run(tmp_path, [f"1,,,{OPENID},Li_Ming88 / liming_99,,VIP-01", "2,,,,同手机,,无"])
    with open_store(store) as opened:
        record = opened.table("record")
        assert record["identifiers"].to_list() == [
            f"wechat_openid:{OPENID},wechat:li_ming88,wechat:liming_99,member:VIP-01"
        ]
        assert "Li_Ming88 / liming_99" in record["extra"][0]
        assert opened.table("quarantine").select("source_record_id", "rule").rows() == [("2", "row.no_identity")]


def test_odd_values_are_no_alarm(tmp_path: Path) -> None:
    store = run(
        tmp_path,
        [f"{i},李明{sign},,,微信同手机,办理中,白金卡{i}级会员" for i, sign in enumerate("强芳伟敏静磊洋艳勇杰")],
    )
    with open_store(store) as opened:
        assert opened.query("SELECT * FROM main.finding WHERE severity <> 'info'").is_empty()


def test_what_an_export_wrote_is_read_again(tmp_path: Path) -> None:
    told = f"wechat:li_ming88,national_id:{CARD}"
    store = run(tmp_path, [f'1,"{told}"'], "客户编号,identifiers")
    with open_store(store) as opened:
        assert opened.table("record")["identifiers"].to_list() == [told]


PAIRS = [
    pytest.param(f",,{OPENID},,,", f",,{OPENID},,,", "review", id="nothing-but-an-openid"),
    pytest.param(",,,li_ming88,,", ",,,Li_Ming88,,", "review", id="nothing-but-an-account"),
    pytest.param(f",,,,{CARD},", f",,,,{CARD},", "review", id="nothing-but-a-card"),
    pytest.param(f"李明,,,,{CARD},", f"李明,13951880734,,,{CARD},", "auto", id="card-and-name"),
    pytest.param("李明,,,li_ming88,,", "李总,,,li_ming88,,", "auto", id="account-and-surname"),
    pytest.param("李明,,,li_ming88,,", "王芳,,,li_ming88,,", None, id="two-names-on-one-account"),
    pytest.param(",13951880734,,,,", ",,,13951880734,,", "review", id="mobile-as-account"),
    pytest.param(",13951880734,,13951880734,,", ",13951880734,,13951880734,,", "auto", id="phone-and-account"),
    pytest.param(
        "李明,13951880734,,li_ming88,,",
        "李明,13951880734,,li_ming99,,",
        "auto",
        id="another-account-is-no-contradiction",
    ),
    pytest.param(
        "李明,13951880734,,,,A01", "李明,13951880734,,,,A02", "auto", id="another-member-card-is-no-contradiction"
    ),
    pytest.param(
        f"李明,13951880734,,,{CARD},", f"李明,13951880734,,,{OTHER_CARD},", None, id="another-card-is-another-person"
    ),
    pytest.param("李明,,,,,000123", "王芳,,,,,000123", None, id="a-member-number-of-two-shops"),
    pytest.param(",,,,,000123", ",,,,,000123", None, id="nothing-but-a-member-number"),
    pytest.param("尉迟子墨,,,,,000123", "尉迟子墨,,,,,000123", "auto", id="member-number-and-rare-name"),
]


@pytest.mark.parametrize(("one", "other", "band"), PAIRS)
def test_two_rows_are_one_by_what_they_share(tmp_path: Path, one: str, other: str, band: str | None) -> None:
    store = run(tmp_path, [f"1,{one}", f"2,{other}"])
    assert grouped(store) == ({} if band is None else {frozenset("12"): band})


def test_identifiers_chain_rows_that_hold_nothing_else(tmp_path: Path) -> None:
    rows = [
        f"1,,,{OPENID},,,",
        f"2,,,{OPENID},li_ming88,,",
        "3,,,,Li_Ming88,,",
        f"4,,,{OTHER_OPENID},,,",
        "5,,,,wang_fang7,,",
    ]
    assert grouped(run(tmp_path, rows)) == {frozenset("123"): "review"}


def test_a_row_without_a_card_does_not_chain_two_cards(tmp_path: Path) -> None:
    rows = [f"1,李明,13951880734,,,{CARD},", "2,李明,13951880734,,,,", f"3,李明,13951880734,,,{OTHER_CARD},"]
    assert all(not {"1", "3"} <= group for group in grouped(run(tmp_path, rows)))


def test_an_account_that_many_share_says_nothing_and_spoils_no_other(tmp_path: Path) -> None:
    names = ("李明", "王芳", "张伟强", "赵敏敏", "钱多多", "孙尚文", "周小舟", "吴一凡")
    rows = [f"{i},{name},,,kefu_2024,," for i, name in enumerate(names)]
    rows += [f"{i},,,{OPENID},kefu_2024,," for i in ("x", "y")]
    assert grouped(run(tmp_path, rows)) == {frozenset("xy"): "review"}


def test_rows_of_companies_meet_by_the_account_of_one_that_names_nobody(tmp_path: Path) -> None:
    rows = ["1,岚溪面馆,lanxi_noodle", "2,,lanxi_noodle", "3,秋禾书店,qiuhe_books"]
    assert grouped(run(tmp_path, rows, "客户编号,客户名称,微信号"), "account") == {frozenset("12"): "review"}


def test_a_later_night_finds_a_known_identifier(tmp_path: Path) -> None:
    others = [f"{i},张伟强,137408261{i},,,," for i in range(20, 60)]
    run(tmp_path, [f"1,,,{OPENID},,,", *others])
    store = run(tmp_path, [f"9,,,{OPENID},,,"], name="more.csv")
    assert grouped(store)[frozenset("19")] == "review"
    with open_store(store) as opened:
        assert opened.query("SELECT mode FROM main.run").item() == "incremental"


def test_the_crosswalk_leads_from_an_identifier_to_the_survivor(tmp_path: Path) -> None:
    store = run(tmp_path, [f"1,李明,13951880734,{OPENID},,,", "2,李明,13951880734,,li_ming88,,A77"])
    apply_plan(store, plan_of(store))
    with open_store(store) as opened:
        told = opened.query("SELECT source_record_id, identifiers FROM main.crosswalk ORDER BY 1").rows()
    assert told == [("1", f"wechat_openid:{OPENID}"), ("2", "wechat:li_ming88,member:A77")]


def test_the_columns_of_a_second_contact_are_not_the_first_ones(tmp_path: Path) -> None:
    header = "客户编号,联系人1,电话1,微信1,联系人2,电话2,微信2"
    store = run(tmp_path, ["1,李明,13951880734,li_ming88,王芳,13740826193,wang_fang7"], header)
    with open_store(store) as opened:
        assert opened.table("record")["identifiers"].to_list() == ["wechat:li_ming88"]


@pytest.mark.parametrize(
    ("one", "other", "band"),
    [
        pytest.param("张晓岚,13910000001,13910000002", "张晓岚,13910000002,", "auto", id="first-is-the-others-second"),
        pytest.param("张晓岚,13910000001/13910000002,", "张晓岚,13910000002,", "auto", id="two-in-a-cell"),
        pytest.param("张晓岚,13910000001,13910000002", "张晓岚,13910000003,13910000002", "auto", id="both-second"),
        pytest.param("张晓岚,13910000001,13910000002", "李沐辰,13910000002,", None, id="of-somebody-else"),
    ],
)
def test_every_number_of_a_row_is_evidence(tmp_path: Path, one: str, other: str, band: str | None) -> None:
    store = run(tmp_path, [f"A,{one},2024-01-01", f"B,{other},2024-02-01"], "客户编号,联系人,手机1,手机2,更新时间")
    assert grouped(store).get(frozenset("AB")) == band
    if band:
        with open_store(store) as opened:
            assert opened.table("pair").filter(level="contact")["phone_agree"].to_list() == [True]


def test_a_further_number_is_found_again_on_another_night(tmp_path: Path) -> None:
    header = "客户编号,联系人,手机1,手机2,更新时间"
    run(tmp_path, ["A,张晓岚,13910000001,13910000002,2024-01-01"], header)
    store = run(tmp_path, ["B,张晓岚,13910000002,,2024-02-01"], header, "later.csv")
    assert grouped(store) == {frozenset("AB"): "auto"}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("zhangxl@yunxi-test.cn,lan88@qq.com", "LAN88@qq.com,", id="two-columns"),
        pytest.param("zhangxl@yunxi-test.cn；lan88@qq.com,", "lan88@qq.com,", id="two-in-a-cell"),
        pytest.param("zhangxl@yunxi-test.cn,lan88@qq.com", "xiaolan@163.com,lan88@qq.com", id="both-second"),
    ],
)
def test_every_address_of_a_row_is_evidence(tmp_path: Path, one: str, other: str) -> None:
    rows = [f"A,张晓岚,{one},2024-01-01", f"B,张晓岚,{other},2024-02-01"]
    store = run(tmp_path, rows, "客户编号,联系人,邮箱1,邮箱2,更新时间")
    assert grouped(store) == {frozenset("AB"): "auto"}
    with open_store(store) as opened:
        assert opened.table("record").filter(source_record_id="A")["email_others"].to_list() == ["lan88@qq.com"]


def test_a_further_number_that_everybody_gives_tells_nobody(tmp_path: Path) -> None:
    rows = [f"{i},{'王伟' if i % 2 else '李娜'},1391{i:07d},4008001234,2024-01-01" for i in range(200)]
    assert grouped(run(tmp_path, rows, "客户编号,联系人,手机1,手机2,更新时间")) == {}


def test_an_address_that_ends_like_another_is_another(tmp_path: Path) -> None:
    rows = ["A,张晓岚,an88@qq.com,,2024-01-01", "B,张晓岚,zhangxl@yunxi-test.cn,lan88@qq.com,2024-02-01"]
    store = run(tmp_path, rows, "客户编号,联系人,邮箱1,邮箱2,更新时间")
    with open_store(store) as opened:
        assert [pair for pair in opened.table("pair")["reasons"] if "further" in pair] == []
