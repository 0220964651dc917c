"""Who works here: the name that runs, decisions and audits are signed with."""

import getpass
import os
import sys


def current_user() -> str:
    """The system's name of this user; where it has none, as in many containers, its number. Never raises."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):  # KeyError until Python 3.12; ImportError: Windows without USERNAME
        if sys.platform == "win32":
            return "unknown"
        else:  # noqa: RET505  (mypy knows what a system has by the branch)
            return f"uid {os.getuid()}"
