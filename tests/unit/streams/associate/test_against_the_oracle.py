"""Whatever is said in whichever order, the topics end as a plain program says (R-02, R-23)."""

from __future__ import annotations

from collections import defaultdict
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.associate.handle import ASSOCIATIONS, IDENTITIES
from streams.associate.testing import Desk
from tests.oracle.associations import Content, Who, as_compared, expected
from tests.oracle.partners import Partner
from tests.simulator.associate.talk import Said, Tick, newest, talk

COMMON = settings(max_examples=60, deadline=None)


def tell(desk: Desk, said: list[Said | Tick], random: Random | None = None) -> None:
    for each in said:
        if random is not None and random.random() < 0.1:
            desk.restart()
        if isinstance(each, Tick):
            desk.tick(each.at)
        else:
            desk.say(each.said["record_key"], each.side, each.name, each.said)


def what_stands(content: Content) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    return content.associations, content.frozen, content.entities


def found_in(desk: Desk) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """Give what stands as asserted, what is frozen, and the entities."""
    standing = {"asserted": {}, "frozen": {}}  # type: dict[str, dict[str, Any]]
    for name, update in desk.board[ASSOCIATIONS].items():
        if update["association"] is not None:
            shelf = "frozen" if update["status"] == "retracted" else "asserted"
            standing[shelf][name] = as_compared(update["association"])
    entities = {
        name: Who(said["entity_id"], tuple(said["verdicts"]))
        for name, said in desk.board[IDENTITIES].items()
        if said["entity_id"] is not None
    }
    return standing["asserted"], standing["frozen"], entities


@COMMON
@given(st.permutations(range(12)), st.integers(0, 10_000))
def test_the_order_in_which_records_and_sides_speak_makes_no_difference(
    order: list[int], seed: int
) -> None:
    said = talk(Random(seed))
    lanes: dict[Any, list[Said | Tick]] = defaultdict(list)
    for each in said:
        lanes[(each.number, each.side) if isinstance(each, Said) else "time"].append(each)
    turns = sorted(lanes.items(), key=lambda lane: (order[len(lane[1]) % 12], str(lane[0])))
    desk = Desk()
    tell(desk, [each for _, lane in turns for each in lane], Random(seed))
    assert found_in(desk) == what_stands(expected(*newest(said)))


@pytest.mark.parametrize("chunk", range(4))
def test_the_same_for_many_seeds_that_name_themselves(chunk: int) -> None:
    for seed in range(chunk * 150, (chunk + 1) * 150):
        said = talk(Random(seed))
        desk = Desk()
        tell(desk, said, Random(seed))
        assert found_in(desk) == what_stands(expected(*newest(said))), f"seed {seed}"
        check_what_partners_see(desk)


def check_what_partners_see(desk: Desk) -> None:
    partner = Partner()
    for topic, said in desk.heard:
        if "dropped" in said:
            partner.hear_dropped(said["dropped"])
        elif topic == IDENTITIES:
            partner.hear_identity(said)
        else:
            partner.hear_update(said)
