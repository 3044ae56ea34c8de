"""From where somebody asks who runs a command: the account and the machine (R-38)."""

from __future__ import annotations

import getpass
import platform


def this_terminal() -> str:
    """Give `account@machine`, as the operating system knows them; nobody can type it."""
    try:
        account = getpass.getuser()
    except (OSError, KeyError):  # an account without a name
        account = "unknown"
    return f"{account}@{platform.node() or 'unknown'}"
