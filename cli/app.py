"""The app with every command."""

from .commands import build_app

app = build_app()
