"""Deploy files for the nightly job: a systemd service and timer, and a crontab line, with the paths of this machine."""

import shlex
import sys
from collections.abc import Mapping
from pathlib import Path

from ...i18n import Text

FOLDER = "deploy"
_SERVICE = """\
# {head}
[Unit]
Description=guiyi nightly run
# {retry}
StartLimitIntervalSec=3h
StartLimitBurst=4
# OnFailure=mail-admin@%n.service

[Service]
Type=oneshot
WorkingDirectory={folder}
ExecStart={command}
# {user}
# User=guiyi
UMask=0077
Nice=10
IOSchedulingClass=best-effort
IOSchedulingPriority=7
Restart=on-failure
RestartPreventExitStatus=1 2 3 5 130
RestartSec=10min
TimeoutStartSec=6h
"""
_TIMER = """\
# {head}
[Unit]
Description=guiyi every night

[Timer]
OnCalendar=*-*-* 02:00:00
RandomizedDelaySec=5min
Persistent=true
Unit=guiyi.service

[Install]
WantedBy=timers.target
"""
_CRON = """\
# {head}
# {mail}
0 2 * * * {command}
"""
_INSTALL = Text(
    "安装：sudo cp guiyi.service guiyi.timer /etc/systemd/system/ && sudo systemctl enable --now guiyi.timer",
    "Install: sudo cp guiyi.service guiyi.timer /etc/systemd/system/ && sudo systemctl enable --now guiyi.timer",
)
_RETRY = Text(
    "退出码 4（数据库被占用、磁盘已满）隔 10 分钟再试，最多三次；其余退出码算失败，不重试。",
    "Exit code 4 (store busy, disk full): again in ten minutes, three times at most. Other codes but 0 fail at once.",
)
_USER = Text("以哪个用户运行（须能读输入、写数据库）", "the user to run as, who reads the inputs and writes the store")
_CRONTAB = Text("加入 crontab -e 的一行。", "The line for crontab -e.")
_MAIL = Text(
    "日志在 {log}；只有退出码不为 0 时才有输出，cron 会据此发邮件。",
    "The log is {log}; there is output, which cron mails, only where the exit code is not 0.",
)


def deploy_files(config: Path, store: Path) -> Mapping[str, str]:
    """File name → text. All paths are absolute; the log and the report lie beside the store."""
    config, store = config.absolute(), store.absolute()
    report, log = store.with_name(store.stem + ".report.json"), store.with_name(store.stem + ".log")
    command = [*_program(), "run", "--config", str(config), "--db", str(store), "--quiet", "--report", str(report)]
    service = _SERVICE.format(
        head=_INSTALL, retry=_RETRY, user=_USER, folder=_unit(str(config.parent)),
        command=" ".join(_unit_word(word) for word in command),
    )  # fmt: skip
    # In a crontab a bare % ends the command.
    line = f"cd {shlex.quote(str(config.parent))} && nice -n 10 {shlex.join(command)} >> {shlex.quote(str(log))} 2>&1"
    told = f'{line} || echo "guiyi run: exit code $?"'.replace("%", "\\%")
    cron = _CRON.format(head=_CRONTAB, mail=_MAIL.format(log=log), command=told)
    return {"guiyi.service": service, "guiyi.timer": _TIMER.format(head=_INSTALL), "guiyi.cron": cron}


def _program() -> list[str]:
    """This installation's guiyi."""
    script = Path(sys.executable).with_name("guiyi")
    return [str(script)] if script.exists() else [sys.executable, "-P", "-m", "guiyi"]


def _unit(text: str) -> str:
    """A text in a unit file, where % begins a specifier."""
    return text.replace("%", "%%")


def _unit_word(word: str) -> str:
    """A word of a command line in a unit file."""
    plain = _unit(word).replace("\\", "\\\\").replace('"', '\\"').replace("$", "$$")
    return f'"{plain}"' if plain != word or any(c.isspace() or c in "';" for c in word) else word
