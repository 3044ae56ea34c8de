"""Which mention somebody means by the beginning of its id, and in which version: who can tell.

The kit imports no service: finders are entry points. A mention whose id and version are written in
full needs none.
"""

from __future__ import annotations

import re
from importlib.metadata import entry_points
from typing import Final, NamedTuple, Protocol, cast

from recordbus.errors import Misconfigured
from recordbus.judgements import record_of
from recordbus.settings import Settings

GROUP: Final = "recordbus.mention_finders"
_VERSIONED: Final = re.compile(r"(.+)@([0-9]{1,18})")


class FoundMention(NamedTuple):
    """A mention's full id, and the version of its record that is current where it was found."""

    mention_id: str
    version: int


class Finder(Protocol):
    """Finds mentions on this machine."""

    def __call__(self, settings: Settings, start: str) -> FoundMention:
        """Find the one mention that is meant; raises a RecordbusError when there is not one."""


def found(settings: Settings, written: str) -> FoundMention:
    """Give the mention that is meant by `<record key>.<local id>`, `@<version>` where known.

    Raises what the finder raises, and Misconfigured when one is needed and none is installed.
    """
    versioned = _VERSIONED.fullmatch(written.strip())
    if versioned is not None and record_of(versioned[1]):
        return FoundMention(versioned[1], int(versioned[2]))
    for point in entry_points(group=GROUP):
        finder = cast(Finder, point.load())
        known = finder(settings, versioned[1] if versioned is not None else written.strip())
        return known if versioned is None else known._replace(version=int(versioned[2]))
    raise Misconfigured(
        f"nothing on this machine can say which mention {written} is",
        hint="write the whole id and the version judged: <record key>.<local id>@<version>",
    )
