"""What an audit keeps of personal data that somebody saw, or took along, in full."""

from pathlib import Path

from ..io.store.store import open_store
from ..reports.masking import mask_text


def audit_full(path: Path, command: str, reason: str | None = None, **detail: object) -> None:
    """Note that personal data leaves the store in full: as a file, or as an answer. Raises StoreError."""
    with open_store(path, write=True) as store:
        store.audit("export", {"command": command, **detail, **because(reason)})


def because(reason: str | None) -> dict[str, str]:
    """Why somebody wanted personal data in full, as an audit keeps it: itself without any."""
    return {"reason": mask_text(reason.strip())} if reason else {}
