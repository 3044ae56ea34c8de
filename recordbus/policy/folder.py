"""Agreement files as their writers have them: checked one by one, signed or not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from recordbus.errors import Misconfigured
from recordbus.policy.agreement import Agreement
from recordbus.policy.problems import AgreementInvalid, Problem
from recordbus.policy.read import MAXIMUM_BYTES, read_agreement
from recordbus.policy.signing import FileRefused
from recordbus.policy.store import FILE_SUFFIX, Places, check_parties


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """A file with what was found in it; without mistakes it has its agreement."""

    path: Path
    agreement: Agreement | None
    mistakes: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()


def files_of(paths: Iterable[Path]) -> list[Path]:
    """Give the agreement files that paths name, those of folders sorted; raises Misconfigured."""
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            found += sorted(path.glob(f"*{FILE_SUFFIX}"))
        elif path.is_file():
            found.append(path)
        else:
            raise Misconfigured(f"there is no file or folder {path}")
    return found


def check_files(files: Sequence[Path], places: Places | None = None) -> list[CheckedFile]:
    """Check every file by itself; with places, its parties must be known to the bus too."""
    return [_check(file, places) for file in files]


def agreements_in(path: Path) -> list[Agreement]:
    """Give the agreements of a file or folder, unsigned ones too; raises Misconfigured."""
    checked = check_files(files_of([path]))
    for each in checked:
        if each.mistakes:
            raise AgreementInvalid(str(each.path), each.mistakes)
    agreements = [each.agreement for each in checked if each.agreement is not None]
    if len({agreement.id for agreement in agreements}) != len(agreements):
        raise Misconfigured(f"{path} has an agreement twice", hint="keep its newest version only")
    return agreements


def _check(file: Path, places: Places | None) -> CheckedFile:
    try:
        with file.open("rb") as opened:
            content = opened.read(MAXIMUM_BYTES + 1)
        read = read_agreement(content, name=str(file))
        if places is not None:
            check_parties(read.agreement, places)
    except AgreementInvalid as error:
        return CheckedFile(file, None, error.problems)
    except (FileRefused, OSError) as error:
        return CheckedFile(file, None, (Problem(1, 1, str(error)),))
    if read.agreement.id != file.name.removesuffix(FILE_SUFFIX):
        says = f"`agreement` is {read.agreement.id}: name the file {read.agreement.id}{FILE_SUFFIX}"
        return CheckedFile(file, None, (Problem(1, 1, says),), read.warnings)
    return CheckedFile(file, read.agreement, (), read.warnings)
