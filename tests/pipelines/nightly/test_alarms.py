"""Alarms: which figures and events raise them, who is told how, that nobody is told twice, and that no run fails by them."""

import json
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from guiyi.config import Alarm, Channel, Config, load_config
from guiyi.decisions import Decision
from guiyi.errors import InputError, UsageError
from guiyi.i18n import Text
from guiyi.io.notify.state import open_alarm_state
from guiyi.io.store.journal import open_journal
from guiyi.io.store.store import open_store
from guiyi.pipelines.nightly.breaker import BreakerError
from guiyi.pipelines.nightly.run import run_nightly
from guiyi.pipelines.report.alarm_events import events_of, fault_events
from guiyi.pipelines.report.alarms import alarmed, last_run_alarms
from guiyi.reports.alarms import Event, alarms, digest
from guiyi.schemas import METRIC, QUARANTINE, RUN
from guiyi.tests.first_night import first_night
from guiyi.tests.web_server import Robot, web_server

FIGURES = METRIC.conform(
    pl.DataFrame(
        {"name": ["null_rate", "rows", "rows"], "scope": ["phone", "clean", "run"], "value": [0.31, 50.0, None],
         "baseline": [0.1, 100.0, None], "status": ["warning", "warning", "none"]}
    )
)  # fmt: skip


def rule(name: str = "a", to: str = "ops", **when: object) -> Alarm:
    return Alarm.model_validate({"name": name, "when": when, "to": [to]})


# --- which -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("when", "raised"),
    [
        pytest.param({"metric": "null_rate", "scope": "phone", "value": 0.3}, True, id="above"),
        pytest.param({"metric": "null_rate", "scope": "phone", "value": 0.31}, False, id="equal is not above"),
        pytest.param({"metric": "null_rate", "scope": "phone", "comparison": ">=", "value": 0.31}, True, id="at least"),
        pytest.param({"metric": "rows", "scope": "clean", "comparison": "<", "value": 51}, True, id="below"),
        pytest.param({"metric": "rows", "scope": "clean", "comparison": "<=", "value": 49}, False, id="not below"),
        pytest.param({"metric": "null_rate", "scope": "phone", "comparison": "rises", "value": 2}, True, id="tripled"),
        pytest.param(
            {"metric": "null_rate", "scope": "phone", "comparison": "rises", "value": 2.2}, False, id="rises less"
        ),
        pytest.param({"metric": "rows", "scope": "clean", "comparison": "falls", "value": 0.4}, True, id="halved"),
        pytest.param({"metric": "rows", "scope": "clean", "comparison": "falls", "value": 0.6}, False, id="falls less"),
        pytest.param({"metric": "rows", "value": 0}, False, id="null raises nothing"),
        pytest.param({"metric": "rows", "scope": "x", "value": 0}, False, id="missing raises nothing"),
    ],
)
def test_figures_raise_alarms(when, raised):
    assert bool(alarms(FIGURES, [], [rule(**when)])) is raised


@pytest.mark.parametrize(
    ("when", "event", "raised"),
    [
        pytest.param({"event": "breaker"}, Event("breaker", 1), True, id="breaker"),
        pytest.param({"event": "gate"}, Event("breaker", 1), False, id="another event"),
        pytest.param({"event": "drift"}, Event("drift", 2), True, id="drift"),
        pytest.param({"event": "quarantine"}, Event("quarantine", 2.1), True, id="quarantine grew"),
        pytest.param({"event": "quarantine", "factor": 3}, Event("quarantine", 2.1), False, id="quarantine grew less"),
        pytest.param({"event": "unreviewed", "hours": 24}, Event("unreviewed", 2, (30, 2)), True, id="waiting"),
        pytest.param(
            {"event": "unreviewed", "hours": 31}, Event("unreviewed", 2, (30, 2)), False, id="not waiting so long"
        ),
        pytest.param({"event": "overdue", "hours": 26}, Event("overdue", 0, (27,)), True, id="overdue"),
    ],
)
def test_events_raise_alarms(when, event, raised):
    assert bool(alarms(METRIC.empty(), [event], [rule(**when)])) is raised


def test_a_digest_says_everything_once_in_the_language_asked_for():
    rules = [rule("空手机", metric="null_rate", scope="phone", value=0.3), rule("积压", event="unreviewed", hours=24)]
    messages = alarms(FIGURES, [Event("unreviewed", 2, (30.0, 25.0))], rules)
    assert digest(messages, "r000007-x", "zh")[1].splitlines() == [
        "归一告警：2 条（r000007-x）",
        "1. 空手机：null_rate / phone = 0.31，> 0.3",
        "2. 积压：有 2 组待复核超过 24 小时",
    ]
    assert digest(messages, "r000007-x", "en")[1].splitlines()[2] == (
        "2. 积压: 2 groups have been waiting for review for more than 24 hours"
    )


def test_an_alarm_keeps_its_key_while_its_figure_changes():
    (one,) = alarms(FIGURES, [], [rule(metric="null_rate", scope="phone", value=0.3)])
    (two,) = alarms(FIGURES.with_columns(pl.col("value") * 2), [], [rule(metric="null_rate", scope="phone", value=0.3)])
    (other,) = alarms(FIGURES, [], [rule(metric="null_rate", scope="phone", value=0.2)])
    assert one.key == two.key != other.key
    assert one.text != two.text


# --- the configuration -------------------------------------------------------------------------------------------------

OPS = '[channel.ops]\nkind = "wecom"\nurl_env = "GUIYI_OPS_URL"\n'


@pytest.mark.parametrize(
    ("text", "key"),
    [
        pytest.param('[channel.ops]\nkind = "fax"', "channel.ops.kind", id="unknown kind"),
        pytest.param('[channel.ops]\nkind = "wecom"', "channel.ops", id="no address"),
        pytest.param('[channel.ops]\nkind = "email"\nhost = "h"\nsender = "a@b.cn"', "channel.ops", id="nobody to write to"),
        pytest.param('[channel.ops]\nkind = "wecom"\nurl_env = "https://x/?key=1"', "url_env", id="address instead of a name"),
        pytest.param(OPS + 'secret_env = "SECabc"', "secret_env", id="secret instead of a name"),
        pytest.param(OPS + '[[alarm]]\nwhen = { event = "rain" }\nto = ["ops"]', "alarm.0.when.event", id="unknown event"),
        pytest.param(OPS + '[[alarm]]\nwhen = { metric = "rows" }\nto = ["ops"]', "alarm.0.when", id="no value"),
        pytest.param(
            OPS + '[[alarm]]\nwhen = { metric = "rows", value = 1, event = "gate" }\nto = ["ops"]', "alarm.0.when", id="both"
        ),
        pytest.param(OPS + '[[alarm]]\nwhen = { event = "gate" }\nto = []', "alarm.0.to", id="to nobody"),
    ],
)  # fmt: skip
def test_a_wrong_configuration_is_refused_by_key(tmp_path, text, key):
    (tmp_path / "guiyi.toml").write_text(text, "utf-8")
    with pytest.raises(UsageError) as refused:
        load_config(tmp_path / "guiyi.toml")
    assert key in refused.value.what.en
    for secret in ("https://x", "SECabc"):
        assert secret not in str(refused.value)


def test_an_alarm_to_a_channel_that_is_not_there_is_refused(tmp_path):
    (tmp_path / "guiyi.toml").write_text('[[alarm]]\nwhen = { event = "gate" }\nto = ["ops"]', "utf-8")
    with pytest.raises(UsageError) as refused:
        load_config(tmp_path / "guiyi.toml")
    assert "channel that is not there" in refused.value.advice.en


def test_alarms_do_not_change_what_a_run_is():
    with_alarm = Config(channel={"ops": Channel(kind="wecom", url_env="X")}, alarm=[rule(event="gate")])
    assert with_alarm.digest() == Config().digest()


# --- who hears it, and how often --------------------------------------------------------------------------------------


@pytest.fixture
def robot(monkeypatch):
    with web_server() as robot:
        monkeypatch.setenv("GUIYI_OPS_URL", robot.url + "?key=very-secret")
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        yield robot


def configured(*rules: Alarm, **more: object) -> Config:
    channels = {name: Channel(kind="wecom", url_env="GUIYI_OPS_URL", **more) for name in ("ops", "boss")}  # type: ignore[arg-type]
    return Config(channel=channels, alarm=list(rules))


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A small published run: two records of one person."""
    (tmp_path / "leads.csv").write_text("客户编号,联系人,手机号\n1,张晓彤,13900001234\n2,张晓彤,13900001234\n", "utf-8")
    first_night([tmp_path / "leads.csv"], tmp_path / "guiyi.duckdb")
    return tmp_path / "guiyi.duckdb"


CLEAN = {"metric": "rows", "scope": "clean", "comparison": ">=", "value": 1}


def test_one_message_per_channel_and_run(store, robot):
    config = configured(rule("a", **CLEAN), rule("b", event="overdue", hours=0.0000001), rule("c", "boss", **CLEAN))
    told = last_run_alarms(store, config)
    assert [(t.alarm, t.channel, t.outcome) for t in told] == [
        ("a", "ops", "sent"),
        ("b", "ops", "sent"),
        ("c", "boss", "sent"),
    ]
    assert [text.count("\n") for text in robot.texts()] == [2, 1]


def test_nobody_hears_the_same_within_the_hours(store, robot):
    config = configured(rule("a", **CLEAN))
    assert [last_run_alarms(store, config)[0].outcome for _ in range(2)] == ["sent", "repeated"]
    assert last_run_alarms(store, configured(rule("new", **CLEAN)))[0].outcome == "sent"
    assert len(robot.posts) == 2


def test_after_the_hours_it_is_said_again(tmp_path):
    now = datetime(2026, 1, 1)
    with open_alarm_state(tmp_path / "guiyi.duckdb") as state:
        heard = [state.claim("a", "ops", 24, now + timedelta(hours=h)) for h in (0, 23, 24, 25, 48)]
    assert heard == [True, False, True, False, True]


def test_what_could_not_be_said_is_said_the_next_time(store, robot):
    config, warnings = configured(rule("a", **CLEAN), retries=0), []
    robot.answers = [(403, b"")]
    assert last_run_alarms(store, config, warnings.append)[0].outcome == "failed"
    assert last_run_alarms(store, config, warnings.append)[0].outcome == "sent"
    assert [w.en for w in warnings] == ["no alarm reached ops: the server answered HTTP 403"]


def test_a_damaged_memory_does_not_keep_anybody_from_hearing(store, robot):
    store.with_name("guiyi.duckdb.alarms").write_bytes(b"nonsense" * 200)
    warnings: list[Text] = []
    assert last_run_alarms(store, configured(rule("a", **CLEAN)), warnings.append)[0].outcome == "sent"
    assert warnings


def test_a_metric_that_is_not_there_is_said(store, robot):
    warnings: list[Text] = []
    assert last_run_alarms(store, configured(rule(metric="nul_rate", value=1)), warnings.append) == []
    assert "nul_rate" in warnings[0].en


# --- around a run ------------------------------------------------------------------------------------------------------


def test_a_run_that_fails_says_so_and_fails_all_the_same(store, robot):
    config = configured(rule("f", event="failed"), rule("b", event="breaker"), rule("m", **CLEAN))
    with pytest.raises(BreakerError), alarmed(store, config):
        raise BreakerError(Text("13900001234", "13900001234"), reason="run.breaker")
    assert len(robot.posts) == 1
    (text,) = robot.texts()
    assert [line.partition("：")[0] for line in text.splitlines()[1:]] == ["1. f", "2. b"]
    assert "run.breaker" in text
    assert "13900001234" not in text


@pytest.mark.parametrize(
    ("fault", "kinds"),
    [
        pytest.param(InputError(Text("", ""), reason="file.missing"), ["failed"], id="input"),
        pytest.param(BreakerError(Text("", ""), reason="run.breaker"), ["failed", "breaker"], id="breaker"),
        pytest.param(InputError(Text("", ""), reason="run.gate"), ["failed", "gate"], id="gate"),
        pytest.param(ZeroDivisionError("13900001234"), ["failed"], id="unforeseen"),
    ],
)
def test_faults_are_events_without_their_words(fault, kinds):
    events = fault_events(fault)
    assert [e.kind for e in events] == kinds
    assert "139" not in str(events)


def test_a_run_that_is_published_raises_its_alarms_and_sends_no_customer(store, robot, tmp_path):
    config = configured(rule("a", **CLEAN), rule("d", event="drift"), rule("u", event="unreviewed", hours=0.000001))
    with alarmed(store, config):
        run_nightly([tmp_path / "leads.csv"], store, config, "zh")
    told = b"".join(body for _, _, body in robot.posts).decode()
    assert "r000002-" in told
    for personal in ("张", "13900001234", "5678"):
        assert personal not in told


def test_no_robot_never_fails_a_run(store, monkeypatch, capsys):
    monkeypatch.setenv("GUIYI_OPS_URL", "http://127.0.0.1:9/robot?key=very-secret")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with alarmed(store, configured(rule("a", **CLEAN), retries=0)):
        pass
    said = capsys.readouterr().err
    assert said.startswith(("警告：告警没有送到 ops", "Warning: no alarm reached ops"))
    assert "very-secret" not in said
    assert len(said.splitlines()) == 1


def test_a_store_that_cannot_be_read_never_fails_a_run(tmp_path, robot, capsys):
    with alarmed(tmp_path / "none.duckdb", configured(rule("a", **CLEAN))):
        pass
    assert "store.missing" in capsys.readouterr().err


def test_without_alarms_nothing_is_opened(tmp_path):
    with alarmed(tmp_path / "none.duckdb", Config()):
        pass
    assert list(tmp_path.iterdir()) == []


# --- what happened -----------------------------------------------------------------------------------------------------


def kinds_of(store: Path, now: datetime) -> dict[str, Event]:
    with open_store(store) as opened:
        return {event.kind: event for event in events_of(opened, now)}


def set_band(store: Path) -> list[str]:
    """The group of the run for review; its records."""
    with open_store(store, write=True) as opened:
        opened._connection.execute("UPDATE versions.duplicate_group SET band = 'review' WHERE level = 'contact'")
        return opened.query("SELECT record_key FROM main.record ORDER BY record_key")["record_key"].to_list()


def test_groups_wait_from_the_first_run_that_had_them(store, tmp_path):
    set_band(store)
    run_nightly([tmp_path / "leads.csv"], store, Config(), "zh")
    set_band(store)
    with open_store(store) as opened:
        first = opened.query("SELECT min(started_at) AS at FROM history.run")["at"][0]
    event = kinds_of(store, first + timedelta(hours=50))["unreviewed"]
    assert event.size == 1
    assert event.hours[0] == pytest.approx(50)


def test_decided_groups_do_not_wait_unless_it_is_taken_back(store):
    keys = set_band(store)
    now = datetime.now()
    with open_journal(store) as journal:
        (said,) = journal.append([Decision("contact", "cannot_link", [keys])])
        assert kinds_of(store, now)["unreviewed"].size == 0
        journal.append([Decision("contact", "retract", [keys], detail={"decision_id": said})])
    assert kinds_of(store, now)["unreviewed"].size == 1


def test_a_night_without_a_run_is_overdue(store):
    with open_store(store) as opened:
        finished = opened.last_run()["finished_at"]
    assert kinds_of(store, finished + timedelta(hours=30))["overdue"].hours == pytest.approx((30,))


def test_quarantine_is_measured_by_the_runs_before(tmp_path):
    store = tmp_path / "guiyi.duckdb"
    with open_store(store, create=True) as opened:
        for number, (aside, moved) in enumerate([(10, 100), (30, 300), (0, 0), (80, 200)], start=1):
            about = {"run_id": f"r{number}", "pipeline": "nightly", "status": "published", "rows_read": 600, "rows_clean": 1,
                     "started_at": datetime(2026, 1, number), "rows_quarantined": 1, "config_hash": "x", "rules_hash": "x",
                     "input_hash": "x", "version": "x", "number": number, "rows_new": moved, "rows_changed": 0}  # fmt: skip
            keys = [f"{number}/{i}" for i in range(aside)]
            rows = pl.DataFrame(
                {"record_key": keys, "reason": "x", "rule": "x"}, schema_overrides={"record_key": pl.String}
            )
            opened.publish(number, {"run": RUN.conform(pl.DataFrame([about])), "quarantine": QUARANTINE.conform(rows)})
    event = kinds_of(store, datetime(2026, 1, 5))["quarantine"]
    assert event.size == pytest.approx(4.0, rel=0.01)
    assert event.detail.en == " (80 rows)"


# --- the command -------------------------------------------------------------------------------------------------------


@pytest.fixture
def config_file(tmp_path: Path) -> Path:
    path = tmp_path / "guiyi.toml"
    path.write_text(
        OPS + 'retries = 0\n[[alarm]]\nname = "行数"\nto = ["ops"]\n'
        'when = { metric = "rows", scope = "clean", comparison = "<", value = 1000 }\n', "utf-8",
    )  # fmt: skip
    return path


def environment(robot: Robot) -> dict[str, str]:
    return {"GUIYI_OPS_URL": robot.url, "no_proxy": "127.0.0.1"}


def test_the_command_tells_and_says_what_it_told(guiyi, store, robot, config_file):
    done = guiyi("alarm", "--db", store, "--format", "json", env=environment(robot))
    assert done.returncode == 0
    assert [(t["alarm"], t["channel"], t["outcome"]) for t in json.loads(done.stdout)] == [("行数", "ops", "sent")]
    assert guiyi("alarm", "--db", store, env=environment(robot)).stdout.startswith("ops\t近期已发过\t行数")
    assert len(robot.posts) == 1


def test_the_command_tries_a_channel(guiyi, robot, config_file):
    assert guiyi("alarm", "--test", "ops", env=environment(robot)).returncode == 0
    assert robot.texts() == ["归一告警测试：收到这条消息说明通道可用。"]


def test_a_channel_that_refuses_is_one_sentence_and_exit_1(guiyi, robot, config_file):
    robot.answers = [(200, b'{"errcode": 93000, "errmsg": "invalid webhook url 13900001234"}')]
    done = guiyi("alarm", "--test", "ops", env=environment(robot))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "错误：对方拒收，错误码 93000\n"


def test_a_channel_nobody_configured_is_a_usage_error(guiyi, config_file):
    done = guiyi("alarm", "--test", "home")
    assert done.returncode == 2
    assert "ops" in done.stderr
