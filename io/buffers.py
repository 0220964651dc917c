"""In-memory files. Type checkers that run in the repository's root take `io` for this very folder, hence `_io`."""

from _io import BytesIO

__all__ = ["BytesIO"]
