"""The agreements of a folder, as they are in force.

Invariant: only signed bytes are ever decided by. A file that is refused - unsigned, older, changed,
not well-formed, gone - leaves the version that was accepted before in force; an agreement is ended
by a newer version of it, never by taking its file away.
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Collection, Mapping
from pathlib import Path
from threading import Lock
from typing import NamedTuple

from recordbus.clock import Clock, SystemClock
from recordbus.errors import Misconfigured
from recordbus.policy import counting
from recordbus.policy.agreement import Agreement
from recordbus.policy.policies import Policies
from recordbus.policy.problems import AgreementInvalid
from recordbus.policy.read import MAXIMUM_BYTES, read_agreement
from recordbus.policy.signing import (
    SUFFIX,
    FileRefused,
    Keyring,
    Reason,
    check_enough,
    read_keyring,
    verified_signers,
)
from recordbus.settings import Settings

FILE_SUFFIX = ".yaml"
_KEPT_SUFFIX = ".json"


class Places(NamedTuple):
    """Where a store reads and keeps, and what it asks of an agreement."""

    agreements: Path
    accepted: Path
    keyring: Path
    signatures_required: int = 2
    owners: Collection[str] | None = None
    recipients: Collection[str] | None = None


class Refusal(NamedTuple):
    """A file that is not in force, and why; `standing` is the version that stays in its place."""

    file: str
    reason: Reason
    message: str
    standing: int | None


class Signed(NamedTuple):
    """The bytes of an agreement file with those of its signatures."""

    content: bytes
    signatures: bytes


class PolicyStore:
    """Gives the policies in force, and looks at the files again when time has passed."""

    def __init__(
        self, places: Places, *, clock: Clock | None = None, refresh_seconds: float = 2.0
    ) -> None:
        """Read everything once; raises Misconfigured when the keyring cannot be used."""
        self._places = places
        self._clock = clock or SystemClock()
        self._refresh_seconds = refresh_seconds
        self._refusals: tuple[Refusal, ...] = ()
        self._policies = Policies(heard=counting.count, departments=places.owners or ())
        self._looking = Lock()
        self._seen = self._looks()
        self._looked_at = self._clock.monotonic()
        self._load()

    @classmethod
    def from_settings(cls, settings: Settings, clock: Clock | None = None) -> PolicyStore:
        """Read what the settings name; owners must be departments of this bus where it has any."""
        places = places_of(settings)
        seconds = settings.policy.refresh_seconds
        return cls(places, clock=clock, refresh_seconds=seconds)

    def policies(self) -> Policies:
        """Give the policies in force now."""
        with self._looking:
            now = self._clock.monotonic()
            if now - self._looked_at >= self._refresh_seconds:
                self._looked_at = now
                self._look_again()
            return self._policies

    def refusals(self) -> tuple[Refusal, ...]:
        """Give the files that are not in force, as of the last look."""
        return self._refusals

    def _look_again(self) -> None:
        looks = self._looks()
        if looks == self._seen:
            return
        try:
            self._load()
        except Misconfigured as error:
            self._note((Refusal(self._places.keyring.name, Reason.UNREADABLE, str(error), None),))
        self._seen = looks

    def _looks(self) -> Mapping[str, tuple[int, int]]:
        """Give what tells that something changed: sizes and times of all files."""
        folder = self._places.agreements
        files = [self._places.keyring, *(sorted(folder.iterdir()) if folder.is_dir() else ())]
        found = {}
        for file in files:
            try:
                stat = file.stat()
            except OSError:
                continue
            found[str(file)] = (stat.st_mtime_ns, stat.st_size)
        return found

    def _load(self) -> None:
        keyring = read_keyring(self._places.keyring)
        agreements, refusals = load(self._places, keyring)
        departments = self._places.owners or ()
        policies = Policies(agreements, heard=counting.count, departments=departments)
        if policies.version != self._policies.version:
            self._policies = policies
        counting.show_version(self._policies.version)
        self._note(tuple(refusals))

    def _note(self, refusals: tuple[Refusal, ...]) -> None:
        for refusal in set(refusals) - set(self._refusals):
            counting.count_refusal(refusal.reason)
        self._refusals = refusals
        counting.show_refused(len(refusals))


def places_of(settings: Settings) -> Places:
    """Give what the settings say of agreements."""
    from recordbus import departments

    known = settings.departments_path()
    owners = departments.load(known).names if known.is_file() else None
    recipients = [name.strip() for name in settings.policy.recipients.split(",") if name.strip()]
    return Places(
        agreements=settings.agreements_path(),
        accepted=settings.accepted_agreements_path(),
        keyring=settings.agreement_signers_path(),
        signatures_required=settings.policy.signatures_required,
        owners=owners,
        recipients=recipients or None,
    )


def load(places: Places, keyring: Keyring) -> tuple[list[Agreement], list[Refusal]]:
    """Read all files; give the agreements to decide by, and the files that are refused."""
    agreements: list[Agreement] = []
    refusals: list[Refusal] = []
    for name in sorted(_names(places.agreements, FILE_SUFFIX) | _names(places.accepted, ".json")):
        standing = _standing(places, keyring, name)
        try:
            agreement = _newest(places, keyring, name, standing)
        except FileRefused as refused:
            version = standing.version if standing else None
            refusals.append(Refusal(name + FILE_SUFFIX, refused.reason, refused.message, version))
            agreement = standing
        if agreement is not None:
            agreements.append(agreement)
    return agreements, refusals


def _newest(
    places: Places, keyring: Keyring, name: str, standing: Agreement | None
) -> Agreement | None:
    """Give the agreement of a file, keeping it when it is new; raises FileRefused."""
    signed = _read(places.agreements / (name + FILE_SUFFIX))
    agreement = checked(signed, name, places, keyring)
    if standing is not None:
        if agreement.version < standing.version:
            says = f"version {agreement.version} is older than {standing.version}, which stands"
            raise FileRefused(Reason.OLDER_VERSION, says)
        if agreement.version == standing.version and agreement.digest != standing.digest:
            says = f"version {agreement.version} was accepted with other content; raise `version`"
            raise FileRefused(Reason.CHANGED_WITHOUT_VERSION, says)
    _keep(places.accepted / (name + _KEPT_SUFFIX), signed)
    return agreement


def checked(signed: Signed, name: str, places: Places, keyring: Keyring) -> Agreement:
    """Give the agreement in signed bytes; raises FileRefused.

    The signatures come first: nothing of a file is looked at that nobody vouches for.
    """
    signers = verified_signers(signed.content, signed.signatures, keyring)
    try:
        agreement = read_agreement(signed.content, name=name + FILE_SUFFIX).agreement
    except AgreementInvalid as error:
        raise FileRefused(Reason.INVALID, error.message) from None
    if agreement.id != name:
        says = f"it is the agreement {agreement.id}; name the file {agreement.id}{FILE_SUFFIX}"
        raise FileRefused(Reason.OTHER_NAME, says)
    check_enough(signers, agreement.owners, places.signatures_required)
    check_parties(agreement, places)
    return agreement


def check_parties(agreement: Agreement, places: Places) -> None:
    """Refuse an agreement with somebody whom the bus does not know."""
    unknown = set(agreement.owners) - set(places.owners) if places.owners is not None else set()
    if places.recipients is not None and agreement.recipient not in places.recipients:
        unknown.add(agreement.recipient)
    if places.recipients is not None:
        known = {*places.recipients, *(places.owners or ())}
        unknown |= agreement.asked_through - known
    if unknown:
        says = f"{', '.join(sorted(unknown))} is no department or agency of this bus"
        raise FileRefused(Reason.UNKNOWN_PARTY, says)


def _standing(places: Places, keyring: Keyring, name: str) -> Agreement | None:
    """Give the accepted version, if its signatures still hold; who lost their key lost it too."""
    path = places.accepted / (name + _KEPT_SUFFIX)
    try:
        kept = json.loads(path.read_bytes())
        content, signatures = (base64.b64decode(kept[part]) for part in Signed._fields)
        return checked(Signed(content, signatures), name, places, keyring)
    except (OSError, ValueError, KeyError, TypeError, FileRefused):
        return None


def _read(path: Path) -> Signed:
    try:
        content = _content(path)
    except FileNotFoundError:
        says = "its file is gone; to end an agreement, sign a newer version with an earlier `end`"
        raise FileRefused(Reason.MISSING, says) from None
    except OSError as error:
        raise FileRefused(Reason.UNREADABLE, type(error).__name__) from None
    try:
        return Signed(content, _content(path.with_name(path.name + SUFFIX)))
    except OSError:
        says = f"it has no {path.name}{SUFFIX}; `recordbus policy sign` makes one"
        raise FileRefused(Reason.UNSIGNED, says) from None


def _content(path: Path) -> bytes:
    """Read a file, a byte more than is allowed at most."""
    with path.open("rb") as file:
        return file.read(MAXIMUM_BYTES + 1)


def _keep(path: Path, signed: Signed) -> None:
    """Keep what was accepted; without that an older version could come back, so it must work."""
    said = {part: base64.b64encode(value).decode() for part, value in signed._asdict().items()}
    text = json.dumps(said)
    try:
        if path.is_file() and path.read_text(encoding="ascii") == text:
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        written = path.with_name(f".{path.name}.{os.getpid()}")
        written.write_text(text, encoding="ascii")
        written.replace(path)
    except OSError as error:
        says = f"it cannot be kept in {path.parent}: {type(error).__name__}"
        raise FileRefused(Reason.NOT_KEPT, says) from None


def _names(folder: Path, suffix: str) -> set[str]:
    if not folder.is_dir():
        return set()
    found = (file.name for file in folder.iterdir() if not file.name.startswith("."))
    return {name.removesuffix(suffix) for name in found if name.endswith(suffix)}
