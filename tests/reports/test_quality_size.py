"""The report of a large store: the page does not grow with the rows."""

from pathlib import Path

import pytest
from guiyi.config import Config
from guiyi.io.store.store import open_store
from guiyi.pipelines.report.quality import make_report
from guiyi.reports.quality.html import render_html

ROWS = 90_000
# The shape of a real store of that size: copies of one customer in threes, four changes a row, a finding for every ninth.
FILL = f"""
INSERT INTO history.run (run_id, pipeline, status, started_at, finished_at, rows_read, rows_clean, rows_quarantined,
  config_hash, rules_hash, input_hash, version, number) VALUES
  ('r000001-0', 'nightly', 'published', now()::TIMESTAMP, now()::TIMESTAMP, {ROWS}, {ROWS}, 0, '', '', '', '0', 1);
INSERT INTO versions.source_file (since, file_id, name, sha256, bytes, format, rows, source, mapping)
  SELECT 1, s, s || '.csv', '', 0, 'csv', {ROWS // 2}, s,
         '{{"a": "source_record_id", "b": "person_name", "c": "phone", "d": "company_name", "e": "owner", "f": null}}'
  FROM (VALUES ('crm'), ('erp')) t (s);
INSERT INTO versions.record (since, record_key, source, source_record_id, person_name, company_name, credit_code, phone, owner)
  SELECT 1, lpad(hex(i), 20, '0'), CASE i % 2 WHEN 0 THEN 'crm' ELSE 'erp' END, 'N' || i,
         CASE WHEN i % 9 > 0 THEN '张' || i END, CASE WHEN i % 5 > 1 THEN '公司' || i // 3 END,
         CASE WHEN i % 4 = 0 THEN '91' || lpad((i // 12)::VARCHAR, 16, '0') END, '+86139' || lpad(i::VARCHAR, 8, '0'), '组' || i % 40
  FROM range({ROWS}) t (i);
INSERT INTO versions.cell_change (since, record_key, field, rule, before, after, step)
  SELECT 1, lpad(hex(i), 20, '0'), f, r, '138' || i, CASE WHEN i % 11 > 0 OR f <> 'phone' THEN 'x' END, 0
  FROM range({ROWS}) t (i),
       (VALUES ('phone', 'phone.e164'), ('created_at', 'dates.format'), ('updated_at', 'dates.format'),
               ('company_name', 'text.width')) c (f, r);
INSERT INTO versions.finding (since, record_key, source_record_id, field, rule, severity, value, message, file_id, row_number)
  SELECT 1, lpad(hex(i * 9), 20, '0'), 'N' || i * 9, 'phone', 'phone.invalid', 'error', '138' || i, 'x', 'crm', i
  FROM range({ROWS // 9}) t (i);
INSERT INTO versions.entity_member (since, level, entity_id, record_key)
  SELECT 1, l, 'C' || lpad(hex(i // 3), 20, '0'), lpad(hex(i), 20, '0')
  FROM range({ROWS}) t (i), (VALUES ('contact'), ('account')) c (l);
INSERT INTO versions.duplicate_group
  SELECT 1, NULL, l, hex(i), 'C' || lpad(hex(i), 20, '0'), 3, 'auto', a, 1.0, '{{}}'
  FROM range({ROWS // 3}) t (i), (VALUES ('contact', 'merge'), ('account', 'link')) c (l, a);
INSERT INTO versions.pair (since, until, level, record_key_l, record_key_r, score, reasons)
  SELECT 1, NULL, 'contact', lpad(hex(i), 20, '0'), lpad(hex(i + 1), 20, '0'), 0.5 + (i % 50) / 100, '{{}}' FROM range({ROWS}) t (i);
INSERT INTO versions.golden_value
  SELECT 1, NULL, 'C' || lpad(hex(i // 6), 20, '0'), 'f' || i % 6, 'v', 'k', 'survivorship.latest', '[]' FROM range({2 * ROWS}) t (i);
"""


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    db = tmp_path_factory.mktemp("large") / "a.duckdb"
    with open_store(db, create=True) as store:
        for statement in filter(str.strip, FILL.split(";")):
            store._connection.execute(statement)
    return db


def test_many_rows_are_reported_on_a_page_of_two_megabytes(large: Path) -> None:
    quality = make_report(large, Config(), "zh")
    page = render_html(quality)
    assert len(page.encode()) < 2_000_000
    assert quality.value("rows", "clean") == ROWS
    assert quality.value("validity_rate", "phone") == pytest.approx(ROWS / (ROWS + -(-ROWS // 11)))
    assert quality.value("fragmentation_rate") == pytest.approx((2 * (ROWS // 3)) / ROWS)
