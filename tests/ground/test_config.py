"""The configuration: typed, bounded, closed; faults name the file and the key."""

from pathlib import Path

import pytest
from guiyi.config import Config, find_config, load_config
from guiyi.errors import UsageError
from guiyi.pipelines.resolve.levels import policies


def written(folder: Path, text: str, name: str = "guiyi.toml") -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("GUIYI_CONFIG", raising=False)
    monkeypatch.chdir(tmp_path)


def test_without_a_file_the_defaults_hold() -> None:
    assert load_config(None) == Config()


def test_a_whole_file_is_read(tmp_path: Path) -> None:
    text = """
    language = "en"
    [thresholds]
    duplicate = 0.9
    [sources."leads*.csv"]
    name = "leads"
    headers = { "备用电话" = "phone" }
    [survivorship]
    address = "longest"
    [weights.contact.phone]
    same = 5.0
    """
    config = load_config(written(tmp_path, text))
    assert config.thresholds.duplicate == 0.9
    assert config.sources["leads*.csv"].headers == {"备用电话": "phone"}
    assert config.survivorship == {"address": "longest"}


@pytest.mark.parametrize(
    ("text", "key"),
    [
        pytest.param("treshold = 1", "treshold", id="unknown-key"),
        pytest.param("[thresholds]\nduplicates = 0.9", "thresholds.duplicates", id="unknown-key-inside"),
        pytest.param("[thresholds]\nduplicate = 1.5", "thresholds.duplicate", id="out-of-range"),
        pytest.param("[thresholds]\nauto = 0.9", "thresholds.auto", id="auto-below-its-least"),
        pytest.param("[thresholds]\nfloor = 0.9\nduplicate = 0.85", "thresholds", id="floor-above-duplicate"),
        pytest.param('[sources."a.csv"]\nheader_row = 0', "header_row", id="row-zero"),
        pytest.param('[survivorship]\naddress = "newest"', "survivorship.address", id="unknown-strategy"),
        pytest.param('language = "fr"', "language", id="unknown-language"),
        pytest.param('max_pairs = "many"', "max_pairs", id="wrong-type"),
    ],
)
def test_a_fault_names_the_file_and_the_key(tmp_path: Path, text: str, key: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(UsageError) as fault:
        load_config(path)
    for words in fault.value.what:
        assert str(path) in words
        assert key in words


@pytest.mark.parametrize(
    ("text", "key", "zh", "en"),
    [
        pytest.param("max_pairs = 3", "max_pairs", "不得小于 1000", "should be 1000 or more", id="least"),
        pytest.param("[thresholds]\nduplicate = 7", "duplicate", "不得大于 1", "should be 1 or less", id="most"),
        pytest.param("[alarm]", "alarm", "应为方括号里的列表", "should be a list in brackets", id="list"),
        pytest.param("thresholds = 3", "thresholds", "应为一节或一张表", "should be a table", id="table"),
        pytest.param("keep_runs = 1.5", "keep_runs", "应为整数", "should be a whole number", id="whole"),
        pytest.param("inputs = [1]", "inputs.0", "应为带引号的文字", "should be text in quotes", id="text"),
        pytest.param(
            "[gates]\ndrift = 3", "gates.drift", "应为 true 或 false", "should be true or false", id="boolean"
        ),
        pytest.param('language = "fr"', "language", "只能是 'zh'、'en'", "should be 'zh' or 'en'", id="choice"),
        pytest.param("[channel.a]", "channel.a.kind", "缺少这个键", "it is missing", id="missing"),
        pytest.param(
            '[channel.a]\nkind = "wecom"\nurl_env = "x"',
            "url_env",
            "应符合格式 ^[A-Z]",
            "should match ^[A-Z]",
            id="pattern",
        ),
        pytest.param('[channel.a]\nkind = "wecom"', "channel.a", "wecom 需要 url_env", "wecom needs url_env", id="own"),
        pytest.param(
            '[channel.a]\nkind = "email"\ntimeout = 0', "timeout", "应大于 0", "should be greater than 0", id="above"
        ),
        pytest.param(
            '[[alarm]]\nto = ["x"]\nwhen = { event = "gate" }',
            "alarm",
            "to 里有 [channel] 中没有的",
            "to names a",
            id="channel",
        ),
        pytest.param(
            '[[alarm]]\nto = []\nwhen = { event = "gate" }',
            "alarm.0.to",
            "至少要有 1 项",
            "should have 1 or more entries",
            id="few",
        ),
        pytest.param("[thresholds]\nfloor = 0.9", "thresholds", "应满足 floor ≤", "floor ≤", id="order"),
    ],
)
def test_a_fault_says_what_is_wrong_in_both_languages(tmp_path: Path, text: str, key: str, zh: str, en: str) -> None:
    with pytest.raises(UsageError) as fault:
        load_config(written(tmp_path, text))
    assert f"{key} 取值不对" in fault.value.what.zh
    assert fault.value.advice is not None
    assert f"说明：{zh}" in fault.value.advice.zh
    assert f"Reason: {en}" in fault.value.advice.en
    assert "Input should" not in str(fault.value)


@pytest.mark.parametrize("data", [b"a = ", b"[x", b"\xff\xfe\x00", "键 = 值".encode("gb18030")])
def test_what_is_no_toml_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "guiyi.toml"
    path.write_bytes(data)
    with pytest.raises(UsageError) as fault:
        load_config(path)
    assert fault.value.reason == "config.syntax"


def test_a_named_file_must_exist(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as fault:
        load_config(tmp_path / "none.toml")
    assert fault.value.reason == "config.missing"


def test_option_wins_over_environment_wins_over_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = written(tmp_path, "")
    assert find_config(None) == here
    monkeypatch.setenv("GUIYI_CONFIG", "/elsewhere.toml")
    assert find_config(None) == Path("/elsewhere.toml")
    assert find_config(Path("option.toml")) == Path("option.toml")


def test_a_file_in_a_folder_above_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    above = written(tmp_path, "")
    (tmp_path / "a/b").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "a/b")
    assert find_config(None) == above


def test_the_digest_knows_every_setting(tmp_path: Path) -> None:
    plain = Config().digest()
    assert load_config(written(tmp_path, "")).digest() == plain
    assert load_config(written(tmp_path, "[thresholds]\nduplicate = 0.83")).digest() != plain
    assert load_config(written(tmp_path, "[thresholds]\nduplicate = 0.82")).digest() == plain


def test_a_configuration_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Config().max_pairs = 5  # type: ignore[misc]


@pytest.mark.parametrize(
    ("text", "key"),
    [
        pytest.param('[survivorship]\nadress = "latest"', "survivorship.adress", id="unknown-field"),
        pytest.param("[weights.contcat.phone]\nsame = 3.0", "contcat", id="unknown-level"),
        pytest.param("[weights.contact.phone]\nsane = 3.0", "sane", id="unknown-weight"),
    ],
)
def test_a_name_that_nothing_has_is_refused(tmp_path: Path, text: str, key: str) -> None:
    with pytest.raises(UsageError) as fault:
        policies(load_config(written(tmp_path, text)))
    assert key in fault.value.what.en


@pytest.mark.parametrize(
    ("packs", "named"),
    [
        pytest.param(["leads", "orders"], {"leads": {}, "orders": {}}, id="list"),
        pytest.param({"orders": {"target": 5}}, {"orders": {"target": 5}}, id="tables"),
        pytest.param(
            {"use": ["leads", "orders"], "orders": {"target": 5}}, {"leads": {}, "orders": {"target": 5}}, id="both"
        ),
        pytest.param([], {}, id="none"),
    ],
)
def test_packs_are_a_list_or_tables_of_parameters_or_both(packs: object, named: object) -> None:
    assert Config.model_validate({"packs": packs}).pack_parameters == named


def test_a_list_of_packs_under_another_name_is_refused() -> None:
    with pytest.raises(ValueError, match="use"):
        Config.model_validate({"packs": {"names": ["leads"]}})
