"""What several sections of a pack ask is said once, as a view that they read by name."""

import duckdb
import pytest
from guiyi.rules.pack.sections import Sections

VIEWS = {"doubled": "SELECT 2 * n AS n FROM lead", "above": "SELECT n FROM doubled WHERE n > 2"}


@pytest.mark.parametrize(
    ("sql", "value"),
    [
        pytest.param("SELECT sum(n) AS value FROM doubled", 12, id="a view"),
        pytest.param("SELECT sum(n) AS value FROM above", 10, id="a view of a view"),
        pytest.param(
            "WITH few AS (SELECT n FROM above LIMIT 1) SELECT count(*) AS value FROM few",
            1,
            id="beside a WITH of its own",
        ),
        pytest.param("SELECT count(*) AS value FROM lead", 3, id="no view"),
    ],
)
def test_a_section_reads_the_views_of_its_pack(sql: str, value: int) -> None:
    words = {"zh": "数", "en": "number"}
    metric = {"id": "x.n", "unit": "count", "population": words, "words": words, "sql": sql}
    (section,) = Sections.model_validate({"needs": ["lead"], "view": VIEWS, "metric": [metric]}).sections()
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE lead AS SELECT unnest([1, 2, 3]) AS n")
        assert connection.execute(section.sql).fetchall() == [(value,)]
