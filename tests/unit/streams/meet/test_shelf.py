"""Bundles are read as far as somebody asks, and what nobody asks for is let go of."""

from __future__ import annotations

from typing import Any

import pytest

from recordbus.errors import Rejected
from streams.meet.entries import EntryReader, Head
from streams.meet.index import PLACE_BITS
from streams.meet.shelf import Shelf
from streams.meet.testing import Desk
from streams.resolution.mentions import Mention
from tests.unit.streams.meet.meeting_bundles import bundle

MOST = 3


class Watching:
    """Reads bundles, and says which."""

    def __init__(self, reader: EntryReader) -> None:
        self._reader = reader
        self.mentions_read: list[str] = []
        self.heads_read = 0

    def read(self, message: bytes) -> Any:
        self.heads_read += 1
        return self._reader.read(message)

    def mentions_in(self, message: bytes, mentions_at: int) -> tuple[Mention, ...]:
        found = self._reader.mentions_in(message, mentions_at)
        self.mentions_read.append(found[0].mention_id)
        return found


@pytest.fixture
def reader() -> EntryReader:
    found: EntryReader = Desk().machine._reader
    return found


def heads(reader: EntryReader) -> list[Head]:
    desk = Desk()
    found = [reader.read(desk.writer.bundle(bundle(number))) for number in range(5)]
    return [each for each in found if isinstance(each, Head)]


def test_mentions_are_those_of_the_whole_bundle_without_its_head(reader: EntryReader) -> None:
    for head in heads(reader):
        assert reader.mentions(head)
        assert reader.mentions_in(head.value, head.mentions_at) == reader.mentions(head)


def test_mentions_that_cannot_be_read_are_refused(reader: EntryReader) -> None:
    head = heads(reader)[0]

    with pytest.raises(Rejected):
        reader.mentions_in(head.value[:-1], head.mentions_at)


def test_the_mention_nobody_asked_for_longest_is_read_again_and_no_head_is(
    reader: EntryReader,
) -> None:
    desk, known = Desk(), heads(reader)
    for number in range(len(known)):
        desk.bundle(bundle(number))
    watching: Any = Watching(reader)
    shelf = Shelf(watching, desk.machine._index, MOST)

    asked = [0, 1, 2, 0, 3, 0, 1, 3]
    for number in asked:
        found = shelf.mention(number << PLACE_BITS)
        assert found == reader.mentions(known[number])[0]

    read = [int(each.partition(".")[0], 16) for each in watching.mentions_read]
    assert read == [0, 1, 2, 3, 1], "2 went for 1, and 1 had gone for 3; 0 was always wanted"
    assert watching.heads_read == 0
