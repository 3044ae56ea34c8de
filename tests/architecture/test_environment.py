"""The environment comes from the lock alone, is made once, and is checked alike everywhere."""

from __future__ import annotations

import hashlib
import importlib.util
import re
import subprocess
import sys
import threading
import tomllib
import venv
import zipfile
from pathlib import Path
from types import ModuleType

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
LOCK = (ROOT / "requirements" / "lock.txt").read_text(encoding="utf-8")


def test_the_lock_has_hashes_for_everything_and_addresses_for_nothing() -> None:
    entries = re.split(r"\n(?=\S)", LOCK.strip())

    assert len(entries) > 100
    assert [e.split()[0] for e in entries if "--hash=sha256:" not in e] == []
    assert not re.search(r"https?://|--index-url|--find-links|file:", LOCK)


def test_the_lock_answers_every_requirement_of_the_project() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    project = tomllib.loads(text)["project"]
    extras = project["optional-dependencies"]
    wanted = [*project["dependencies"], *extras["dev"], *extras["postgres"], *extras["opensearch"]]
    locked = {
        canonicalize_name(name): version
        for name, version in re.findall(r"^([\w.-]+)==([^ ;]+)", LOCK, re.MULTILINE)
    }
    unanswered = [
        line
        for line in wanted
        if not Requirement(line).specifier.contains(
            locked.get(canonicalize_name(Requirement(line).name), "0"), prereleases=True
        )
    ]
    assert unanswered == [], "run make lock"


def test_what_runs_before_a_commit_is_what_make_lint_runs() -> None:
    recipe = MAKEFILE.partition("\nlint:")[2].partition("\n\n")[0]
    linted = re.findall(r"\$\(BIN\)/(.+)", recipe)
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    entries = [hook["entry"] for repo in hooks["repos"] for hook in repo["hooks"]]

    assert [entry.removeprefix(".venv/bin/") for entry in entries] == linted


def test_make_says_what_can_be_made_without_installing_anything(tmp_path: Path) -> None:
    (tmp_path / "Makefile").write_text(MAKEFILE, encoding="utf-8")

    printed = subprocess.run(
        ["make"], cwd=tmp_path, capture_output=True, text=True, check=True, stdin=subprocess.DEVNULL
    ).stdout

    assert "make test" in printed
    assert not (tmp_path / ".venv").exists()


class Installer:
    """The script, let loose on an empty project, with a pip that only counts."""

    def __init__(self, root: Path) -> None:
        self.module = _load(root)
        self.installs = 0
        self.let_go = threading.Event()
        self.let_go.set()
        self.module.__dict__["_install"] = self._install

    def _install(self) -> None:
        self.installs += 1
        self.let_go.wait(30)
        self.module.PYTHON.parent.mkdir(parents=True, exist_ok=True)
        self.module.PYTHON.touch()

    def run(self) -> None:
        """Run the script once."""
        self.module.main()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Give a project with a lock and a pyproject.toml."""
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements" / "lock.txt").write_text("a==1\n", encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text("[project]\n", encoding="utf-8")
    return tmp_path


def test_it_installs_once_and_then_only_after_a_change(project: Path) -> None:
    installer = Installer(project)
    installer.run()
    installer.run()
    assert installer.installs == 1

    for changed in ("requirements/lock.txt", "pyproject.toml"):
        (project / changed).write_text("changed\n", encoding="utf-8")
        installer.run()
        installer.run()
    assert installer.installs == 3


def test_an_environment_without_its_python_is_made_again(project: Path) -> None:
    installer = Installer(project)
    installer.run()
    installer.module.PYTHON.unlink()

    installer.run()

    assert installer.installs == 2


def test_two_at_once_install_once(project: Path) -> None:
    installer = Installer(project)
    installer.let_go.clear()
    both = [threading.Thread(target=installer.run) for _ in range(2)]
    for thread in both:
        thread.start()
    installer.let_go.set()
    for thread in both:
        thread.join()

    assert installer.installs == 1


def test_an_interrupted_install_is_not_taken_for_a_finished_one(project: Path) -> None:
    """Not even when what it would have changed is changed back."""
    installer = Installer(project)
    installer.run()
    lock = project / "requirements" / "lock.txt"
    before = lock.read_text(encoding="utf-8")
    lock.write_text("b==2\n", encoding="utf-8")
    installer.module.__dict__["_install"] = _fails
    with pytest.raises(SystemExit):
        installer.run()
    installer.module.__dict__["_install"] = installer._install

    lock.write_text(before, encoding="utf-8")
    installer.run()

    assert installer.installs == 2


def test_an_old_python_is_told_which_one_to_name(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installer = Installer(project)
    monkeypatch.setattr(sys, "version_info", (3, 9, 1))

    with pytest.raises(SystemExit, match=r"needs Python 3\.11 or newer.*\n.*make PYTHON="):
        installer.run()


@pytest.fixture
def releases(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give an index of two projects, the one asking for the other with an extra."""
    folder = tmp_path / "releases"
    folder.mkdir()
    _release(folder, "asking", "1", needs="asked[more]>=1")
    _release(folder, "asked", "1")
    for name, value in {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(folder)}.items():
        monkeypatch.setenv(name, value)
    return folder


def _release(folder: Path, name: str, version: str, needs: str = "") -> None:
    about = f"{name}-{version}.dist-info"
    told = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    told += f"Requires-Dist: {needs}\n" if needs else "Provides-Extra: more\n"
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as wheel:
        wheel.writestr(f"{about}/METADATA", told)
        wheel.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        wheel.writestr(f"{about}/RECORD", "")


def _lock(project: Path, releases: Path, *names: str) -> None:
    lines = (
        f"{name}==1 --hash=sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}"
        for name in names
        for wheel in releases.glob(f"{name}-1-*.whl")
    )
    (project / "requirements" / "lock.txt").write_text("\n".join(lines), encoding="utf-8")


def test_a_newer_release_of_what_the_lock_names_changes_nothing(
    project: Path, releases: Path
) -> None:
    """Not even where the lock's entry is asked for with an extra, which old pips look up anew."""
    installer = Installer(project)
    _lock(project, releases, "asking", "asked")
    _release(releases, "asked", "2")
    venv.create(installer.module.ENVIRONMENT, with_pip=True)

    installer.module._install_locked()

    listed = [str(installer.module.PYTHON), "-m", "pip", "freeze"]
    said = subprocess.run(listed, capture_output=True, text=True, check=True).stdout
    assert said.split() == ["asked==1", "asking==1"]


def test_a_lock_that_lacks_what_its_entries_need_is_refused(
    project: Path, releases: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    installer = Installer(project)
    _lock(project, releases, "asking")
    venv.create(installer.module.ENVIRONMENT, with_pip=True)

    with pytest.raises(SystemExit, match="could not install"):
        installer.module._install_locked()

    assert "asking 1 requires asked, which is not installed" in capfd.readouterr().err


@pytest.mark.parametrize(
    "installs", ["Dockerfile", "bench/stage/environments.py", "bench/resolution/environment.py"]
)
def test_no_install_of_a_lock_looks_further_than_the_lock(installs: str) -> None:
    text = (ROOT / installs).read_text(encoding="utf-8")
    assert "--require-hashes" in text
    assert text.count("--no-deps") >= text.count("--require-hashes")


def _fails() -> None:
    raise SystemExit("no network")


def _load(root: Path) -> ModuleType:
    script = root / "requirements" / "install.py"
    script.write_bytes((ROOT / "requirements" / "install.py").read_bytes())
    spec = importlib.util.spec_from_file_location("install_under_test", script)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
