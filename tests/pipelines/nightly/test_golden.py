"""The sample files, run whole, against what was agreed: who is grouped with whom, and the values that survive.

After a change that is meant to move them, write the goldens anew and read the difference before it is committed:

    GUIYI_GOLDEN=write python -m pytest tests/pipelines/nightly/test_golden.py && git diff tests/data/golden
"""

import csv
import io
import os
from pathlib import Path

import pytest
from guiyi.io.store.store import Store

GOLDEN = Path(__file__).parents[2] / "data/golden"
# Members are named by source and the CRM's number: keys and ids are hashes, which nobody can read in a diff.
NAMED = """
WITH named AS (
    SELECT m.level, m.entity_id, string_agg(r.source_record_id, ' ' ORDER BY r.source_record_id) AS members, count(*) AS n
    FROM main.entity_member m JOIN main.record r USING (record_key) GROUP BY ALL
)
"""
QUERIES = {
    "groups": NAMED
    + "SELECT level, band, members FROM named JOIN main.duplicate_group USING (level, entity_id) ORDER BY ALL",
    "values": NAMED
    + "SELECT split_part(members, ' ', 1) AS first_member, field, value FROM main.golden_value JOIN named USING (entity_id)"
    + " WHERE n > 1 AND field IN ('person_name', 'company_name', 'credit_code', 'phone', 'email') ORDER BY ALL",
    "quarantine": "SELECT rule, count(*) AS rows FROM main.quarantine GROUP BY ALL ORDER BY ALL",
}


def as_csv(store: Store, query: str) -> str:
    frame = store.query(query)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([frame.columns, *frame.rows()])
    return text.getvalue()


@pytest.mark.parametrize("name", QUERIES)
def test_the_sample_files_come_out_as_agreed(name: str, sample_store: Store) -> None:
    found, path = as_csv(sample_store, QUERIES[name]), GOLDEN / f"{name}.csv"
    if os.environ.get("GUIYI_GOLDEN") == "write":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(found, "utf-8")
    assert found.splitlines() == path.read_text("utf-8").splitlines()
