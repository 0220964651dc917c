"""Every figure of the report equals a count made in another way."""

import json
from collections import defaultdict
from pathlib import Path

import pytest
from guiyi.config import Config
from guiyi.fields import GOLDEN_FIELDS
from guiyi.reports.quality.figures import catalogue, trust_weights
from guiyi.tests.report_store import asked, measured, nights, two_sources

__all__ = ["nights", "two_sources"]

SIZES = "SELECT count(*) AS n FROM main.entity_member WHERE level = '{}' GROUP BY entity_id HAVING count(*) > 1"
COUNTS = [
    ("rows", "read", "SELECT count(*) FROM main.raw_record"),
    ("rows", "clean", "SELECT count(*) FROM main.record"),
    ("rows", "quarantined", "SELECT count(*) FROM main.quarantine"),
    ("quarantine_rate", "run", "SELECT (SELECT count(*) FROM main.quarantine) / count(*) FROM main.raw_record"),
    *(
        ("null_rate", f, f"SELECT count(*) FILTER ({f} IS NULL) / count(*) FROM main.record")
        for f in GOLDEN_FIELDS
    ),
    (
        "unreachable_rate",
        "run",
        "SELECT 1 - count(*) / (SELECT count(*) FROM main.record) FROM main.record WHERE phone IS NOT NULL"
        " OR landline IS NOT NULL OR phone_others IS NOT NULL OR email IS NOT NULL OR email_others IS NOT NULL",
    ),
    (
        "abnormal_rate",
        "run",
        "SELECT count(DISTINCT record_key) / (SELECT count(*) FROM main.raw_record) FROM main.cell_change"
        " WHERE rule = 'text.invisible' OR rule = 'text.formula' OR rule = 'text.width'",
    ),
    *(
        (
            "abnormal_rate",
            rule,
            "SELECT count(*) / (SELECT count(*) FROM main.raw_record)"
            f" FROM (SELECT DISTINCT record_key FROM main.cell_change WHERE rule = '{rule}')",
        )
        for rule in ("text.invisible", "text.formula", "text.width")
    ),
    ("findings", "run", "SELECT count(*) FROM main.finding"),
    ("findings", "error", "SELECT count(*) FROM main.finding WHERE severity = 'error'"),
    ("findings", "phone.several", "SELECT count(*) FROM main.finding WHERE rule = 'phone.several'"),
    ("cells_changed", "run", "SELECT count(*) FROM (SELECT DISTINCT record_key, field FROM main.cell_change)"),
    ("cells_changed", "phone.e164", "SELECT count(*) FROM main.cell_change WHERE rule = 'phone.e164'"),
    *(
        row
        for level in ("contact", "account")
        for row in (
            ("duplicate_rate", level, f"SELECT sum(n - 1) / (SELECT count(*) FROM main.record) FROM ({SIZES.format(level)})"),
            ("largest_group", level, f"SELECT max(n) FROM ({SIZES.format(level)})"),
            ("groups_auto", level, f"SELECT count(*) FROM main.duplicate_group WHERE band = 'auto' AND level = '{level}'"),
            ("groups_review", level, f"SELECT count(*) FROM main.duplicate_group WHERE band <> 'auto' AND level = '{level}'"),
            ("pairs_auto", level, f"SELECT count(*) FROM main.pair WHERE score >= 0.98 AND level = '{level}'"),
            ("pairs_review", level, f"SELECT count(*) FROM main.pair WHERE score >= 0.82 AND NOT score >= 0.98 AND level = '{level}'"),
            ("pairs_below", level, f"SELECT count(*) FROM main.pair WHERE NOT score >= 0.82 AND level = '{level}'"),
            ("certain_rate", level, f"SELECT avg((band = 'auto')::INT) FROM main.duplicate_group WHERE level = '{level}'"),
        )
    ),
    ("certain_rate", "run", "SELECT avg((band = 'auto')::INT) FROM main.duplicate_group"),
    (
        "fragmentation_rate",
        "run",
        "SELECT (count(*) - count(DISTINCT entity_id)) / count(*) FROM main.entity_member WHERE level = 'contact'",
    ),
    (
        "fragmentation_rate",
        "leads",
        "SELECT (count(*) - count(DISTINCT entity_id)) / count(*) FROM main.entity_member JOIN main.record"
        " USING (record_key) WHERE level = 'contact' AND source = 'leads'",
    ),
]  # fmt: skip


@pytest.fixture(scope="module")
def figures(nights: Path) -> dict[tuple[str, str], float | None]:
    return measured(nights)


@pytest.mark.parametrize(("name", "scope", "sql"), COUNTS, ids=[f"{n}-{s}" for n, s, _ in COUNTS])
def test_figures_equal_an_independent_count(
    name: str, scope: str, sql: str, figures: dict[tuple[str, str], float | None], nights: Path
) -> None:
    ((expected,),) = asked(nights, sql)
    assert figures[name, scope] == pytest.approx(expected, abs=1e-12)


def test_every_figure_has_an_independent_count() -> None:
    elsewhere = {"validity_rate", "id_match_rate", "manual_rate", "trust"}
    assert {name for name, _, _ in COUNTS} | elsewhere == set(catalogue(Config()))


def raw_cells(db: Path) -> dict[str, list[tuple[str, str]]]:
    """Field → record key and raw text of its non-empty cells, read from the JSON of the raw rows."""
    mapping = {i: json.loads(m) for i, m in asked(db, "SELECT file_id, mapping::VARCHAR FROM main.source_file")}  # type: ignore[arg-type]
    cells = defaultdict(list)
    for key, file, values in asked(db, 'SELECT record_key, file_id, "values"::VARCHAR FROM main.raw_record'):
        for header, text in json.loads(str(values)).items():
            if text and text.strip() and (field := mapping[file].get(header)):
                cells[field].append((str(key), text))
    return cells


@pytest.mark.parametrize(
    "field", ["company_name", "person_name", "email", "credit_code", "owner", "channel", "created_at"]
)
def test_validity_is_the_share_of_filled_raw_cells_that_became_a_value(field: str, nights: Path) -> None:
    """For fields whose values come from their own column only; `phone` cells may hold a landline."""
    valid = {str(k) for (k,) in asked(nights, f"SELECT record_key FROM main.record WHERE {field} IS NOT NULL")}
    clean = {str(k) for (k,) in asked(nights, "SELECT record_key FROM main.record")}
    filled = [key for key, _ in raw_cells(nights)[field] if key in clean]
    assert filled
    assert measured(nights)["validity_rate", field] == pytest.approx(sum(k in valid for k in filled) / len(filled))


def test_validity_of_phones_counts_what_cleaning_emptied(nights: Path) -> None:
    values, lost = (
        int(str(next(asked(nights, sql))[0]))
        for sql in (
            "SELECT count(*) FROM main.record WHERE phone IS NOT NULL",
            "SELECT count(DISTINCT record_key) FROM main.cell_change WHERE field = 'phone' AND after IS NULL"
            " AND record_key IN (SELECT record_key FROM main.record)",
        )
    )
    assert lost > 0
    assert measured(nights)["validity_rate", "phone"] == pytest.approx(values / (values + lost))


def test_mean_null_rate_is_of_fields_that_a_source_has_and_that_are_not_optional(nights: Path) -> None:
    config = Config.model_validate({"report": {"optional": ["title", "landline"]}})
    own = measured(nights, config)
    asked_for = {f for f in raw_headers(nights) if f in GOLDEN_FIELDS} - {"title", "landline"}
    assert "city" not in asked_for
    mean = sum(own["null_rate", f] or 0 for f in asked_for) / len(asked_for)
    assert own["null_rate", "run"] == pytest.approx(mean)


def raw_headers(db: Path) -> set[str]:
    """Fields that some source has a column for."""
    return {
        f
        for (m,) in asked(db, "SELECT mapping::VARCHAR FROM main.source_file")
        for f in json.loads(str(m)).values()
        if f
    }


def test_id_match_is_the_share_of_shared_ids_whose_records_are_one_entity(two_sources: Path) -> None:
    rows = list(
        asked(
            two_sources,
            "SELECT r.source, r.source_record_id, r.credit_code, c.entity_id AS c, a.entity_id AS a FROM main.record r"
            " JOIN main.entity_member c USING (record_key) JOIN main.entity_member a USING (record_key)"
            " WHERE c.level = 'contact' AND a.level = 'account'",
        )
    )
    own = measured(two_sources)
    for scope, id_at, entity_at in (("source_record_id", 1, 3), ("credit_code", 2, 4)):
        sources, entities = defaultdict(set), defaultdict(set)
        for row in rows:
            if row[id_at] is not None:
                sources[row[id_at]].add(row[0])
                entities[row[id_at]].add(row[entity_at])
        shared = [i for i in sources if len(sources[i]) > 1]
        assert own["id_match_rate", scope] == pytest.approx(sum(len(entities[i]) == 1 for i in shared) / len(shared))
    assert own["id_match_rate", "source_record_id"] == pytest.approx(2 / 3)  # 1003 is two companies
    assert own["id_match_rate", "run"] == pytest.approx(3 / 4)


def test_ids_that_mean_nothing_across_sources_can_be_left_out(two_sources: Path) -> None:
    config = Config.model_validate({"report": {"shared_ids": ["credit_code"]}})
    own = measured(two_sources, config)
    assert own["id_match_rate", "run"] == 1.0
    assert ("id_match_rate", "source_record_id") not in own
    nothing = measured(two_sources, Config.model_validate({"report": {"shared_ids": []}}))
    assert nothing["id_match_rate", "run"] is None


def test_trust_is_the_weighted_mean_of_its_parts(figures: dict[tuple[str, str], float | None]) -> None:
    low = {"null_rate", "quarantine_rate", "abnormal_rate", "manual_rate"}
    total = weights = 0.0
    for name, weight in trust_weights().items():
        value = figures[name, "run"]
        assert value is not None
        total += weight * (1 - value if name in low else value)
        weights += weight
    assert weights == pytest.approx(1.0)
    assert figures["trust", "run"] == pytest.approx(total)
