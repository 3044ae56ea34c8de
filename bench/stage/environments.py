"""The Python environments that engines run in: ours, and one of its own for Quix Streams."""

from __future__ import annotations

import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
_LOCK: Final = ROOT / "requirements" / "bench-quix.txt"
_QUIX: Final = ROOT / ".make" / "bench-quix"


def python_for(engine: str) -> str:
    """Give the interpreter for an engine, making its environment first where there is none."""
    return str(_quix_python()) if engine == "quix" else sys.executable


def versions(python: str, names: list[str]) -> dict[str, str]:
    """Ask an environment which versions of these distributions it has."""
    code = (
        "import sys; from importlib.metadata import version; "
        "print('\\n'.join(f'{n} {version(n)}' for n in sys.argv[1:]))"
    )
    said = subprocess.run([python, "-c", code, *names], check=True, capture_output=True, text=True)
    return dict(line.split(" ", 1) for line in said.stdout.splitlines())


def _quix_python() -> Path:
    python = _QUIX / "bin" / "python"
    stamp = _QUIX / ".installed"
    wanted = sha256(_LOCK.read_bytes()).hexdigest()
    if not stamp.is_file() or stamp.read_text() != wanted:
        subprocess.run([sys.executable, "-m", "venv", "--clear", _QUIX], check=True)
        install = ["-m", "pip", "install", "--quiet", "--no-deps"]
        subprocess.run([str(python), *install, "--require-hashes", "-r", str(_LOCK)], check=True)
        stamp.write_text(wanted)
    return python
