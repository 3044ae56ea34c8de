"""The agreements of a demo: signed files as a real bus has them, with signers who sign once.

The keys are made for one signature each and kept nowhere, so nobody can change what was agreed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final, NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from recordbus.policy.signing import SUFFIX, public_text, signed
from recordbus.policy.store import FILE_SUFFIX
from schemas.catalog import enum_symbols, purposes, record_kinds

TASK_FORCE: Final = "county-task-force"
"""The agency whose people search in the demo."""
TASK_FORCE_ORI: Final = "ZZ0000002"
_SIGNERS: Final = (("demo-author", "author"), ("demo-approver", "approver"))


class AgreementFile(NamedTuple):
    """The name of an agreement and the text of its file."""

    name: str
    text: str


def shared_with_task_force(owners: Sequence[str], today: date) -> AgreementFile:
    """Give the agreement by which all departments show the task force all that may be shown."""
    rule: dict[str, Any] = {
        "level": "full",
        "actions": ["search"],
        "purposes": sorted(purposes().ordinary),
        "record_kinds": sorted(record_kinds()),
        "bases": sorted(enum_symbols("recordbus.v1.Basis")),
        "evidence_kinds": ["fact", "assessment"],
        "juveniles": "true",
        "designations": "true",
        "derived": "true",
    }
    content = {
        "agreement": f"demo-to-{TASK_FORCE}",
        "version": "1",
        "title": "Everything, for a county that is made up",
        "legal_authority": "None is needed for invented people",
        "owners": list(owners),
        "recipient": TASK_FORCE,
        "start": f"{today.year}-01-01",
        "end": f"{today.year + 1}-12-31",
        "rules": {"everything": rule},
    }
    return AgreementFile(f"demo-to-{TASK_FORCE}", json.dumps(content, indent=2) + "\n")


def write_agreements(directory: Path, agreements: Iterable[AgreementFile]) -> None:
    """Write agreements into a run directory, signed by two, with the keyring that knows them."""
    keys = {name: Ed25519PrivateKey.generate() for name, _ in _SIGNERS}
    folder = directory / "agreements"
    folder.mkdir(parents=True, exist_ok=True)
    for agreement in agreements:
        content = agreement.text.encode()
        signatures: bytes | None = None
        for name, key in keys.items():
            signatures = signed(content, signatures, name, key)
        file = folder / f"{agreement.name}{FILE_SUFFIX}"
        file.write_bytes(content)
        file.with_name(file.name + SUFFIX).write_bytes(signatures or b"")
    signers = [
        {"name": name, "role": role, "public_key": public_text(keys[name])}
        for name, role in _SIGNERS
    ]
    keyring = json.dumps({"signers": signers}, indent=2) + "\n"
    (directory / "agreement-signers.yaml").write_text(keyring, encoding="utf-8")
