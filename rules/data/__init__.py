"""What is known of China and its customers, as files that a clerk can read and correct; each file says where it comes from."""

import tomllib
from importlib.resources import files
from typing import Any


def read_bytes(name: str) -> bytes:
    """A file of this folder."""
    return (files(__package__) / name).read_bytes()


def read_toml(name: str) -> dict[str, Any]:
    """A TOML file of this folder."""
    return tomllib.loads(read_bytes(name).decode("utf-8"))


def read_lines(name: str) -> list[str]:
    """Lines of a text file of this folder, without blank lines and `#` comments."""
    lines = read_bytes(name).decode("utf-8").splitlines()
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]
