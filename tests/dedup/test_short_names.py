"""Short names: the one whole name of the file that a short one fits, and none where several do."""

import polars as pl
import pytest
from guiyi.dedup.policy.short_names import NAME_COLUMNS, full_names
from guiyi.rules.company_name.clean import clean_company_names


def firm_of(short: str, *wholes: str) -> str | None:
    """The core of the firm that the short name stands for in a file of these names."""
    parts = clean_company_names(pl.Series([short, *wholes])).values
    names = parts.select(
        *(pl.col(c) for c in ("company_key", "core", "form", "branch", "company_region")), company_tail="tail",
        is_public=pl.lit(False), company_place=pl.coalesce("of_city", "of_province"),
    ).select(NAME_COLUMNS)  # fmt: skip
    told = full_names(names).filter(pl.col("company_key") == short)["full"]
    return told[0].split("|")[0] if len(told) and told[0] else None


@pytest.mark.parametrize(
    ("short", "wholes", "core"),
    [
        pytest.param("岚溪智能", ["杭州岚溪智能装备股份有限公司"], "岚溪智能装备", id="beginning"),
        pytest.param("岚溪股份", ["杭州岚溪智能装备股份有限公司"], "岚溪智能装备", id="with-股份"),
        pytest.param("岚溪智装", ["杭州岚溪智能装备股份有限公司"], "岚溪智能装备", id="characters-apart"),
        pytest.param("岚溪控股", ["岚溪控股集团有限公司", "岚溪国际有限公司"], "岚溪", id="the-one-with-its-tail"),
        pytest.param("岚溪", ["岚溪智能装备有限公司", "岚溪生物科技有限公司"], None, id="two-firms"),
        pytest.param("岚溪智装", ["杭州澄岚智能装备股份有限公司"], None, id="another-brand"),
        pytest.param("三澄制药", ["三叶澄生物制药有限公司"], None, id="a-brand-stands-as-one"),
    ],
)
def test_a_short_name_stands_for_the_only_firm_that_it_fits(short: str, wholes: list[str], core: str | None) -> None:
    assert firm_of(short, *wholes) == core
