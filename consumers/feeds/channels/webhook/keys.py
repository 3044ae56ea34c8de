"""The signing keys of subscriptions: files in a folder of their own, one folder a subscription.

`0001.ed25519.pem` and `0002.hmac.key` are keys, and `0001.until` says when the first one ends.
Invariant: a key is never replaced; who rotates makes the next one, and lets the others end later.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NamedTuple

from consumers.feeds.channels.webhook.signing import Ed25519Key, HmacKey, Kind, SigningKey
from recordbus.audit.keys import make_key, read_key
from recordbus.errors import Misconfigured
from recordbus.secret_files import make_secret, read_secret

_NAME: Final = re.compile(r"(?P<number>\d{4})\.(?P<kind>ed25519|hmac)\.(pem|key)")
_SUFFIX: Final[dict[Kind, str]] = {"ed25519": "ed25519.pem", "hmac": "hmac.key"}
_FOLDER_MODE: Final = 0o700


class Held(NamedTuple):
    """One key of a subscription; `until` is when it ends, None while nobody has said so."""

    number: int
    kind: Kind
    key: SigningKey
    until: datetime | None

    def is_live(self, at: datetime) -> bool:
        """Whether messages are signed with it at an instant."""
        return self.until is None or at < self.until


class Keys:
    """The keys of one subscription."""

    def __init__(self, folder: Path) -> None:
        """`folder` holds nothing else, and need not be there yet."""
        self._folder = folder
        self._read: list[Held] = []
        self._read_of: tuple[int, frozenset[str]] | None = None

    def live(self, at: datetime) -> list[SigningKey]:
        """Give the keys to sign with, in order of their numbers; raises Misconfigured.

        Files are read anew whenever the folder has changed, so a rotation needs no restart.
        """
        now = self._state()
        if now != self._read_of:
            self._read, self._read_of = self.all(), now
        return [each.key for each in self._read if each.is_live(at)]

    def all(self) -> list[Held]:
        """Give all keys, ended ones too, in order of their numbers; raises Misconfigured."""
        return list(self._found()) if self._folder.is_dir() else []

    def make(self, kind: Kind) -> Held:
        """Make the next key."""
        number = max((each.number for each in self.all()), default=0) + 1
        self._folder.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)
        path = self._folder / f"{number:04d}.{_SUFFIX[kind]}"
        key = Ed25519Key(make_key(path)) if kind == "ed25519" else HmacKey(make_secret(path))
        return Held(number, kind, key, None)

    def end(self, number: int, at: datetime) -> None:
        """Let a key end at an instant; it never ends later than was said before."""
        held = next((each for each in self.all() if each.number == number), None)
        if held is None:
            raise Misconfigured(
                f"there is no key {number} in {self._folder}", hint="see: recordbus feeds keys list"
            )
        if held.is_live(at):
            self._place(f"{number:04d}.until", f"{at.astimezone(UTC).isoformat()}\n".encode())

    def _found(self) -> Iterator[Held]:
        for path in sorted(self._folder.iterdir()):
            named = _NAME.fullmatch(path.name)
            if named is None:
                continue
            until = self._until(path.with_name(f"{named['number']}.until"))
            if named["kind"] == "hmac":
                yield Held(int(named["number"]), "hmac", HmacKey(read_secret(path)), until)
            else:
                yield Held(int(named["number"]), "ed25519", Ed25519Key(read_key(path)), until)

    def _until(self, path: Path) -> datetime | None:
        if not path.exists():
            return None
        try:
            return datetime.fromisoformat(path.read_text("ascii").strip()).astimezone(UTC)
        except (OSError, ValueError) as error:
            raise Misconfigured(
                f"{path} does not say when a key ends: {type(error).__name__}",
                hint="it holds one instant, such as 2026-11-30T12:00:00+00:00",
            ) from None

    def _state(self) -> tuple[int, frozenset[str]]:
        """Give what is another whenever a key was made or an end was set.

        Names as well, for two changes within one tick of the file system's clock have one time.
        """
        try:
            names = frozenset(each.name for each in self._folder.iterdir())
            return self._folder.stat().st_mtime_ns, names
        except FileNotFoundError:
            return 0, frozenset()

    def _place(self, name: str, content: bytes) -> None:
        part = self._folder / f".{name}.{os.getpid()}"
        with part.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.rename(self._folder / name)
