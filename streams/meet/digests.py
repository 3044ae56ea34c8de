"""Keyed digests of meeting keys: all of a key that leaves intake (pure).

A digest is taken per kind of mention, so that a block holds one kind only and what is a default
value of organisations is none of people.
Invariant: equal texts of one kind have equal digests, whatever the record and the partition.
"""

from __future__ import annotations

import zlib
from base64 import urlsafe_b64encode
from collections.abc import Callable, Collection
from functools import cache, lru_cache
from typing import Final

from recordbus.keyed import keyed_hash
from recordbus.normalize.text import CACHE_SIZE

KINDS: Final = (
    "id", "half", "phone", "email", "address", "door", "door+year", "birth+given", "birth+surname",
    "given+day", "surname+year", "names", "names+post", "names+year", "plate", "vin", "word+post",
    "words", "matter",
)  # fmt: skip
"""The kinds of meeting keys. A key says the place of its kind, so this list only ever grows."""
KEY_BYTES: Final = 9
_DIGEST_BYTES: Final = 8
_PLACES: Final = {kind: bytes([place]) for place, kind in enumerate(KINDS)}


class Digests:
    """Takes digests under the bus's identifier secret."""

    def __init__(self, secret: bytes) -> None:
        self._hash = keyed_hash(secret)
        self.of = cache(self._of)
        """Gives, for one kind of mention, what gives the packed key of a text `kind:...`.

        It remembers nothing: who asks again remembers what it made of the keys."""
        self.name = lru_cache(maxsize=CACHE_SIZE)(self._name)
        """Gives what tells one holder's name from another, by kind of mention; empty for none."""
        self.value = lru_cache(maxsize=CACHE_SIZE)(self._value)
        """Gives the part after its prefix of a value's text, by kind of mention; empty for none."""

    def key(self, mention_kind: str, text: str) -> bytes:
        """Give the packed key of a text `kind:...` of one kind of mention."""
        return self.of(mention_kind)(text)

    def _of(self, mention_kind: str) -> Callable[[str], bytes]:
        keyed, kind = self._hash, f"{mention_kind}|"

        def key(text: str) -> bytes:
            digest = keyed((kind + text).encode())
            return _PLACES[text[: text.index(":")]] + digest[:_DIGEST_BYTES]

        return key

    def _name(self, mention_kind: str, name: str) -> bytes:
        text = f"{mention_kind}|name:{name}"
        return self._hash(text.encode())[:_DIGEST_BYTES] if name else b""

    def _value(self, mention_kind: str, prefix: str, value: str) -> str:
        return text_of(self.key(mention_kind, prefix + value))[len(prefix) :] if value else ""


def text_of(key: bytes) -> str:
    """Give a packed key as text: its kind, and its digest in 11 characters."""
    return f"{kind_of(key)}:{urlsafe_b64encode(key[1:]).decode().rstrip('=')}"


def kind_of(key: bytes) -> str:
    """Give the kind of a packed key."""
    return KINDS[key[0]]


def joined(keys: Collection[bytes]) -> bytes:
    """Give packed keys one after the other, in order."""
    return b"".join(sorted(keys)) if keys else b""


def keys_in(packed_keys: bytes) -> tuple[bytes, ...]:
    """Give the keys that stand one after the other."""
    starts = range(0, len(packed_keys), KEY_BYTES)
    return tuple([packed_keys[start : start + KEY_BYTES] for start in starts])


def partition_of(key: bytes, partitions: int) -> int:
    """Give the meeting partition in which a packed key, or a record by its key, lives."""
    return zlib.crc32(key) % partitions if partitions > 1 else 0
