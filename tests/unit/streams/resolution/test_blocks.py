"""Blocks and default values: suspended past a limit, never cut, and back when they shrink."""

from __future__ import annotations

from streams.resolution.blocks import Blocks, Flips, Values
from streams.resolution.limits import Limits
from streams.resolution.resolver import Resolver
from streams.shipped_models import shipped
from tests.unit.streams.resolution.made import MAPLE, person


def test_a_block_past_its_limit_joins_nobody_until_it_shrinks() -> None:
    blocks, flips = Blocks(2), Flips(set(), set(), set())
    crossed = {key for name in "abc" for key in blocks.place(name, frozenset({"k"}))}
    blocks.flip(crossed, flips)

    assert flips.suspended == blocks.suspended == {"k"}
    assert blocks.partners("a") == set()
    assert not blocks.do_meet("a", "b")

    blocks.flip(blocks.place("c", frozenset()), flips)
    assert flips.resumed == {"k"}
    assert blocks.partners("a") == {"b"}
    assert blocks.met("a", "b") == {"k"}


def test_a_value_is_a_default_while_too_many_names_hold_it() -> None:
    values = Values(2)
    for mention, name in (("a", "GARCIA"), ("b", "LOPEZ"), ("c", "GARCIA"), ("d", "")):
        values.hold(mention, name, ["v"])
    assert values.flipped(["v"]) == []

    values.hold("e", "KIM", ["v"])
    assert values.flipped(["v"]) == ["v"]
    assert values.defaults == {"v"}
    assert set(values.holders("v")) == set("abcde")

    values.release("e", "KIM", ["v"])
    assert values.flipped(["v"]) == ["v"]
    assert not values.defaults


def test_links_that_rested_on_a_block_alone_go_with_it_and_return() -> None:
    resolver = Resolver(shipped("person"), Limits(block_members=2))
    a = person("a", "Ana", "Reyes", born="1990-05-12", ssn="219-09-9999")
    b = person("b", born="1990-05-12", ssn="219-09-9999")
    resolver.publish(a)
    assert ("a", "b") in resolver.publish(b).verdicts

    crowd = resolver.publish(person("c", ssn="219-09-9999"))
    assert crowd.verdicts == {("a", "b"): None}
    assert len(resolver.suspended) == 1

    back = resolver.remove("c")
    assert back.verdicts["a", "b"] is not None
    assert not resolver.suspended


def test_a_crowd_at_one_address_and_telephone_stay_apart_and_are_reported() -> None:
    resolver = Resolver(shipped("person"))
    made = person("x", "Jose", "Garcia", phone="617-555-0199", home=MAPLE)
    for number in range(1500):
        form = made.names[0]._replace(surname=f"GARCIA{number % 40}")
        resolver.publish(made._replace(mention_id=f"m{number}", names=(form,)))

    assert len(set(resolver.entities.values())) == 1500
    assert resolver.defaults == {"phone:+16175550199", "address:12|MAPLE ST|02118"}
    assert resolver.suspended
