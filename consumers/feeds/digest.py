"""A salted digest of what a subscriber holds, so that both sides can tell if it is right (pure).

Each subject has a leaf: HMAC-SHA-256 under the salt over its name, its number and the digest of its
content. The digest of some subjects is the SHA-256 of their leaves in order, one a line. Subjects
fall into 256 buckets, so that of many it can be told where they differ before all are compared.
Without the content nobody can make a leaf, and a fresh salt makes an old answer worthless.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

from consumers.feeds.view import view_of
from recordbus.canonical import canonical_json
from recordbus.verification import UNVERIFIED, Standing

SALT: Final = r"^[A-Za-z0-9_-]{8,64}$"
BUCKET: Final = r"^[0-9a-f]{2}$"
_SALT: Final = re.compile(SALT)
Leaves = dict[str, str]


class Holding(NamedTuple):
    """One subject that is held: the number of its last message and the digest of its content."""

    subject: str
    sequence: int
    digest: bytes


class Summary(NamedTuple):
    """What two sides compare first; `buckets` has the digest of each bucket that is not empty."""

    subjects: int
    digest: str
    buckets: dict[str, str]


class Comparison(NamedTuple):
    """Which subjects are not held as they must be; each list is in order."""

    missing: list[str]
    unexpected: list[str]
    different: list[str]

    @property
    def is_equal(self) -> bool:
        """Whether there is no difference."""
        return not any(self)


def holdings_of(envelopes: Iterable[Mapping[str, Any]]) -> list[Holding]:
    """Give what is held after all these messages, in any order and any of them twice."""
    newest: dict[str, Mapping[str, Any]] = {}
    for each in envelopes:
        known = newest.get(each["subject"])
        if known is None or each["data"]["sequence"] >= known["data"]["sequence"]:
            newest[each["subject"]] = each
    return [
        Holding(subject, each["data"]["sequence"], content_digest(each["data"]))
        for subject, each in sorted(newest.items())
        if each["data"]["content"] is not None
    ]


def content_digest(data: Mapping[str, Any]) -> bytes:
    """Give the digest of what a message said: its content without the bus's own numbers.

    What the owner answered when asked whether it may be relied on is part of it (R-34).
    """
    answered = Standing(data["verification"], data["verification_at"])
    stands = UNVERIFIED if data["verification"] == UNVERIFIED.state else answered
    return view_of("", data["level"], (), data["content"], stands).digest


def leaves_of(salt: str, holdings: Iterable[Holding]) -> Leaves:
    """Give the leaf of each subject; raises ValueError for a salt that is none."""
    if not _SALT.fullmatch(salt):
        raise ValueError("a salt has 8 to 64 letters, digits, - or _")
    return {each.subject: _leaf(salt.encode(), each) for each in holdings}


def bucket_of(subject: str) -> str:
    """Give the bucket of a subject: the first two digits of the SHA-256 of its name."""
    return hashlib.sha256(subject.encode()).hexdigest()[:2]


def in_bucket(leaves: Mapping[str, str], bucket: str | None) -> Leaves:
    """Give the leaves of one bucket; all of them when none is named."""
    return {each: leaf for each, leaf in leaves.items() if bucket in (None, bucket_of(each))}


def digest_of(leaves: Iterable[str]) -> str:
    """Give the digest of some leaves, in whatever order they come."""
    return hashlib.sha256("\n".join(sorted(leaves)).encode()).hexdigest()


def summary_of(leaves: Mapping[str, str]) -> Summary:
    """Give the digests of everything and of each bucket."""
    buckets: dict[str, list[str]] = {}
    for subject, leaf in leaves.items():
        buckets.setdefault(bucket_of(subject), []).append(leaf)
    digests = {each: digest_of(found) for each, found in sorted(buckets.items())}
    return Summary(len(leaves), digest_of(leaves.values()), digests)


def compared(
    expected: Mapping[str, str], given: Mapping[str, str], unsettled: frozenset[str]
) -> Comparison:
    """Tell where two sides differ; nothing is said of subjects that are on their way."""
    asked = expected.keys() - unsettled
    found = given.keys() - unsettled
    return Comparison(
        sorted(asked - found),
        sorted(found - asked),
        sorted(
            each
            for each in asked & found
            if not hmac.compare_digest(expected[each].encode(), given[each].encode())
        ),
    )


def _leaf(salt: bytes, holding: Holding) -> str:
    said = canonical_json([holding.subject, holding.sequence, holding.digest.hex()])
    return hmac.new(salt, said, hashlib.sha256).hexdigest()
