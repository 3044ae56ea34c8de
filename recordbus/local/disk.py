"""Says what to do when a directory cannot be written, in the same words everywhere."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from recordbus.errors import Misconfigured

_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT})
OTHER_RUN_DIRECTORY: Final = "choose another one with --run-directory or RECORDBUS_RUN_DIRECTORY"


@contextmanager
def writing(directory: Path, otherwise: str = OTHER_RUN_DIRECTORY) -> Iterator[None]:
    """Turn what the operating system refuses into Misconfigured; `otherwise` is the way out."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise Misconfigured(
                f"no space is left in {directory}", hint=f"free some, or {otherwise}"
            ) from error
        raise Misconfigured(
            f"{directory} cannot be written: {error.strerror or error}", hint=otherwise
        ) from error
