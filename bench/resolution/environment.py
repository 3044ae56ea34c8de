"""The environment that trains, and that holds the worlds of people that others simulated.

Splink and those worlds bring 800 MB that nothing needs at run time or in tests, so they live in
`.make/train`, with the hashes of `requirements/train.txt`. Made on first use, about a minute.
"""

from __future__ import annotations

import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
_LOCK: Final = ROOT / "requirements" / "train.txt"
_FOLDER: Final = ROOT / ".make" / "train"


def train_python() -> Path:
    """Give the interpreter of that environment, with this checkout installed in it."""
    python = _FOLDER / "bin" / "python"
    stamp = _FOLDER / ".installed"
    wanted = sha256(_LOCK.read_bytes() + (ROOT / "pyproject.toml").read_bytes()).hexdigest()
    if not stamp.is_file() or stamp.read_text(encoding="utf-8") != wanted:
        subprocess.run([sys.executable, "-m", "venv", _FOLDER], check=True)
        install = [str(python), "-m", "pip", "install", "--quiet", "--no-deps"]
        subprocess.run([*install, "--require-hashes", "-r", str(_LOCK)], check=True)
        subprocess.run([*install, "-e", str(ROOT)], check=True)
        stamp.write_text(wanted, encoding="utf-8")
    return python


if __name__ == "__main__":
    sys.stdout.write(f"{train_python()}\n")
