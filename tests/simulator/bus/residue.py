"""Nothing of a record that is gone is left anywhere: its content, or its name in another's values.

Looked at once the logs are compacted: every topic, changelogs included.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from streams.associate.handle import ASSOCIATIONS
from streams.intake.topics import QUARANTINE
from tests.simulator.bus.content import read
from tests.simulator.bus.foretold import Ending
from tests.simulator.judge import Violation

if TYPE_CHECKING:
    from tests.simulator.bus.worlds import BusWorld

_MARK: Final = re.compile(rb"content \d{4} of it")
_RECORD_KEY: Final = re.compile(rb"[0-9a-f]{64}")
_JUDGED: Final = b"judgement/"


def check_residue(world: BusWorld, end: Ending) -> None:
    """Look for what must be gone; raises Violation."""
    live = {key for key, held in end.held.items() if held.newest.status == "live"}
    gone = {key.encode() for key in end.held.keys() - live}
    marks = {mark for key in live for mark in _MARK.findall(end.held[key].newest.written)}
    for topic in {topic for topic, _ in world.broker.logs} - {QUARANTINE, *world.plan.logs}:
        for message in world.content(topic):
            key, value = message.key or b"", message.value or b""
            if left := set(_MARK.findall(value)) - marks:
                raise Violation(f"{topic}: {key!r} still has {left}")
            about = set(_RECORD_KEY.findall(key))
            if topic == ASSOCIATIONS and message.value is not None and not key.startswith(b"tick"):
                about = {read(topic, value)["record_key"].encode()}
            named = gone.intersection(_RECORD_KEY.findall(value)) - about
            if named and _JUDGED not in key and not about <= gone:
                raise Violation(f"{topic}: {key!r} still names {named}, which is gone")
