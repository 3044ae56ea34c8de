"""Make `.venv` hold exactly what `requirements/lock.txt` names, and this checkout on top.

It installs only when the lock, `pyproject.toml` or the interpreter changed since the last time,
and two runs in one checkout wait for each other. Only the standard library is used, and the
syntax stays old, so that an old interpreter gets as far as saying that it is too old.
"""

import hashlib
import subprocess
import sys
import venv
from pathlib import Path
from typing import TextIO

ROOT = Path(__file__).resolve().parents[1]
ENVIRONMENT = ROOT / ".venv"
PYTHON = ENVIRONMENT / "bin" / "python"
STAMP = ENVIRONMENT / ".installed"
LOCK = ROOT / "requirements" / "lock.txt"
OLDEST = (3, 11)


def main() -> None:
    """Bring the environment up to date, or end with a message that says what to do."""
    if sys.version_info < OLDEST:
        needed = ".".join(str(part) for part in OLDEST)
        sys.exit(
            f"recordbus needs Python {needed} or newer, and {sys.executable} is an older one.\n"
            "Name a newer one: make PYTHON=python3.12 ..."
        )
    wanted = _fingerprint()
    if _is(wanted):
        return
    with _only_one():
        if not _is(wanted):
            STAMP.unlink(missing_ok=True)  # half an install is none, whatever was there before
            _install()
            STAMP.write_text(wanted)


def _fingerprint() -> str:
    """Give what the environment depends on, as one hash."""
    parts = [LOCK.read_bytes(), (ROOT / "pyproject.toml").read_bytes(), str(ROOT).encode()]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def _is(wanted: str) -> bool:
    return PYTHON.exists() and STAMP.exists() and STAMP.read_text() == wanted


def _only_one() -> TextIO:
    """Wait until no other run installs into this checkout; give a lock to hold while we do."""
    import fcntl

    lock = (ROOT / ".venv.lock").open("w")
    fcntl.flock(lock, fcntl.LOCK_EX)
    return lock


def _install() -> None:
    if not PYTHON.exists():
        _say(f"Making .venv with {sys.executable}")
        venv.create(str(ENVIRONMENT), with_pip=True, clear=True)
    _say("Installing what requirements/lock.txt names")
    _install_locked()
    _pip("install", "--quiet", "--no-deps", "--no-build-isolation", "-e", str(ROOT))


def _install_locked() -> None:
    # Left to resolve, pip before 23.3 takes the newest release for a requirement with extras that
    # the lock pins without them, and refuses it for want of a hash. So it may not look further.
    _pip("install", "--quiet", "--no-deps", "--require-hashes", "-r", str(LOCK))
    _pip("check")


def _pip(*arguments: str) -> None:
    command = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", *arguments]
    ended = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=sys.stderr, check=False)
    if ended.returncode:
        sys.exit("pip could not install it (see above); running make again continues from here")


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")


if __name__ == "__main__":
    main()
