"""guiyi review : the steward's page in the browser, on this machine."""

from pathlib import Path
from typing import Annotated

import typer

from ..i18n import Text
from .options import DEFAULT_STORE, ConfigFile, Store, option


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "review",
        help=str(
            Text("在浏览器里复核重复组（只在本机）。", "Review duplicate groups in the browser, on this machine.")
        ),
    )(review)


def review(
    db: Store = DEFAULT_STORE,
    who: Annotated[
        str | None,
        option(Text("以谁的名义决定（默认系统用户）。", "Who decides (default: the system user)."), "--as"),
    ] = None,
    host: Annotated[
        str,
        option(Text("监听地址；默认只有本机能访问。", "Address; by default this machine only."), "--host"),
    ] = "127.0.0.1",
    port: Annotated[int | None, option(Text("端口，0 为任意。", "Port; 0: any."), "--port", min=0, max=65535)] = None,
    allow_host: Annotated[
        list[str] | None,
        option(Text("浏览器可用的其他主机名。", "A further host name to be reached by."), "--allow-host"),
    ] = None,
    open_browser: Annotated[bool, option(Text("同时打开浏览器。", "Open the browser, too."), "--open")] = False,
    config: ConfigFile = None,
) -> None:
    """Print the link and answer until Ctrl-C."""
    from ..config import load_config
    from ..io.user import current_user
    from ..review.server import serve

    name = (who or "").strip()[:60] or current_user()
    cut = load_config(config).thresholds.duplicate
    serve(Path(db), name, host, port, allow_host or [], cut, lambda link: _announce(link, name, host, open_browser))


def _announce(link: str, who: str, host: str, open_browser: bool) -> None:
    """The link on standard output, what it means on standard error."""
    typer.echo(link, nl=True)
    typer.echo(str(Text(f"以 {who} 的身份复核；按 Ctrl-C 结束。", f"Reviewing as {who}; Ctrl-C ends it.")), err=True)
    if host not in ("127.0.0.1", "localhost", "::1"):
        warning = Text(
            "注意：其他机器也能访问，而且没有加密。", "Mind: other machines can reach this, and nothing is encrypted."
        )
        typer.echo(str(warning), err=True)
    if open_browser:
        from ..review.opening import open_in_browser

        open_in_browser(link)
