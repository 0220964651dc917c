"""The small parts of a group's page: differences, waterfall, graph."""

import json

import pytest
from guiyi.review.differences import pieces
from guiyi.review.graph import HEIGHT, WIDTH, Node, picture
from guiyi.review.waterfall import waterfall
from guiyi.tests.review_server import page, review_run, review_store, serve
from hypothesis import given
from hypothesis import strategies as st

__all__ = ["page", "review_run", "review_store", "serve"]


def marked(field: str, value: str, other: str | None, unmask: bool = False) -> str:
    """What differs in [brackets]."""
    return "".join(f"[{p.text}]" if p.differs else p.text for p in pieces(field, value, other, unmask))


@pytest.mark.parametrize(
    ("field", "value", "other", "shown"),
    [
        pytest.param("company_name", "宁波澜舟进出口有限公司", "宁波蓝洲进出口有限公司", "宁波[澜舟]进出口有限公司", id="characters"),
        pytest.param("company_name", "宁波澜舟", "宁波澜舟", "宁波澜舟", id="equal"),
        pytest.param("company_name", "宁波澜舟", None, "宁波澜舟", id="nothing to compare with"),
        pytest.param("company_name", "澜舟", "宁波澜舟", "澜舟", id="the other says more"),
        pytest.param("phone", "+8613800001234", "+8613900001234", "+8613[8]****1234", id="a digit that is shown"),
        pytest.param("phone", "+8613800001234", "+8613800101234", "+86138[*]***1234".replace("[*]***", "**[*]*"), id="hidden digit"),
        pytest.param("phone", "+8613800001234", "+8615912345678", "+861[38****1234]", id="another number altogether"),
        pytest.param("person_name", "张伟", "张薇", "张[*]", id="a hidden character"),
        pytest.param("person_name", "张伟", "李伟", "[张]*", id="a shown character"),
        pytest.param("email", "zhangwei@a.cn", "zhangwen@a.cn", "zh[***]@a.cn", id="the hidden part of an address"),
        pytest.param("person_name", "张伟", "张小伟", "张[*]", id="the other has more behind the mask"),
        pytest.param("updated_at", "2024-01-01", "2025-02-02", "2024-01-01", id="times differ as a matter of course"),
    ],
)  # fmt: skip
def test_differences_are_marked_also_behind_the_mask(field, value, other, shown):
    assert marked(field, value, other) == shown


@given(st.sampled_from(["person_name", "phone", "email", "address", "company_name"]), st.text(min_size=1), st.text())
def test_pieces_are_the_masked_value_and_nothing_more(field, value, other):
    from guiyi.reports.masking import mask

    assert "".join(p.text for p in pieces(field, value, other)) == (mask(field, value) or "")


REASONS = json.dumps({
    "phone": {"level": "same", "weight": 22.0}, "name": {"level": "homophone", "weight": 6.0},
    "email": {"level": "different", "weight": -9.0}, "place": {"level": "null", "weight": 0.0},
})  # fmt: skip


def test_a_waterfall_speaks_words_the_strongest_first_and_keeps_silent_on_nothing():
    assert waterfall(REASONS, 0.8, -17.0, 0.82).words == "手机号一致 +22.0 · 姓名同音不同字 +6.0 · 邮箱不同 -9.0"


def test_the_steps_of_a_waterfall_begin_where_the_one_before_ended():
    steps = waterfall(REASONS, 0.8, -17.0, 0.82).steps
    start, phone, name, email, total = steps
    assert [s.kind for s in steps] == ["start", "for", "for", "against", "total"]
    assert phone.x == start.x
    assert name.x == pytest.approx(phone.x + phone.width, abs=0.2)
    assert email.x + email.width == pytest.approx(name.x + name.width, abs=0.2)
    assert total.figure == "0.800"


def ring(count: int) -> tuple[list[Node], list[dict[str, object]]]:
    nodes = [Node(i + 1, f"k{i}", str(i + 1)) for i in range(count)]
    links = [
        {"record_key_l": f"k{i}", "record_key_r": f"k{j}", "score": 0.9 + i / 1000}
        for i in range(count)
        for j in range(i)
    ]
    return nodes, links


@pytest.mark.parametrize("count", [2, 3, 14, 15, 75])
def test_every_record_has_a_place_of_its_own_inside_the_picture(count):
    nodes, links = ring(count)
    drawn = picture(nodes, links, [], frozenset({"k0", "k1"}), 0.82)
    places = {(n.x, n.y) for n in drawn.nodes}
    assert len(places) == count
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in places)


def test_a_crowded_picture_keeps_the_links_that_hold_the_group_together():
    nodes, links = ring(40)
    drawn = picture(nodes, links, [], frozenset(), 0.82)
    assert (len(drawn.edges), drawn.hidden) == (39, len(links) - 39)


def test_a_picture_is_the_same_each_time():
    one, other = (picture(*ring(9), [], frozenset(), 0.82) for _ in range(2))
    assert [(n.x, n.y) for n in one.nodes] == [(n.x, n.y) for n in other.nodes]


def test_links_are_drawn_by_what_they_mean():
    nodes = [Node(i, f"k{i}", str(i)) for i in (1, 2, 3)]
    links = [{"record_key_l": "k1", "record_key_r": "k2", "score": 0.99}, {"record_key_l": "k2", "record_key_r": "k3", "score": 0.9},
             {"record_key_l": "k1", "record_key_r": "k3", "score": 0.6}]  # fmt: skip
    outside = [{"record_key": "k1", "other": "k9", "score": 0.95, "label": "ab12", "group": "ab12cd"}]
    drawn = picture(nodes, links, outside, frozenset({"k2", "k3"}), 0.82)
    assert [e.kind for e in drawn.edges] == ["strong", "weak", "cut", "weakest"]
    assert drawn.edges[0].width > drawn.edges[1].width


def test_a_records_links_are_shown_when_it_is_asked_for(page):
    group = next(
        g for g in page.groups() if g["size"] == 4 and page.desk.reader.current().pairs.of(g["place"]).height > 3
    )
    text = page.get(f"/group/{group['group_id']}?at=1").text
    assert 'aria-current="true"' in text
    assert '<ul class="links">' in text
    assert "依据" in page.get(f"/group/{group['group_id']}?at=1-2").text


@pytest.mark.parametrize("at", ["0", "99", "1-99", "x", "-", "1-1", "²"])
def test_a_record_that_is_not_there_shows_the_group_all_the_same(page, at):
    from urllib.parse import quote

    assert page.get(f"/group/{page.groups()[0]['group_id']}?at={quote(at)}").status == 200


def test_the_effect_names_the_fields_that_change(page):
    published = page.desk.reader.current()
    for group in page.groups(level="contact", band="review"):
        members = published.members.of(group["place"]).to_dicts()
        golden = dict(published.golden.of(group["place"]).select("field", "value").iter_rows())
        if not members[0]["company_name"] and golden.get("company_name"):
            text = page.get(f"/group/{group['group_id']}").text
            assert "<span>客户名称</span> <del>（空）</del>" in text
            return
    pytest.fail("no group in which the survivor lacks a company")
