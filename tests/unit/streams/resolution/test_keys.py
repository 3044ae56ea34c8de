"""Meeting keys: whoever may be one meets, whatever a clerk got wrong; stand-ins meet nobody."""

from __future__ import annotations

import pytest

from streams.resolution.keys import meeting_keys
from streams.resolution.mentions import Mention
from tests.unit.streams.resolution.made import MAPLE, OAK, organisation, person, vehicle

BASE = person(
    "base", "William", "Garcia", born="1985-03-09", ssn="219-09-9999", phone="617-555-0142",
    email="w@mail.example", home=MAPLE,
)  # fmt: skip


@pytest.mark.parametrize(
    ("other", "kind"),
    [
        (person("b", ssn="219 09 9999"), "id"),
        (person("b", phone="(617) 555-0142"), "phone"),
        (person("b", email="W@Mail.example"), "email"),
        (person("b", "Walter", born="1985-03-09"), "birth+given"),
        (person("b", "Bill", born="1985-09-03"), "birth+given"),
        (person("b", "", "Gomez", born="1985-03-09"), "birth+surname"),
        (person("b", "Bill", "Garzia", born="1985"), "names+year"),
        (person("b", "Bill", "Gomez", born="1958-03-09"), "given+day"),
        (person("b", "Garcia", "William", born="1985"), "names+year"),
        (person("b", "Bill", "Garzia", home="9 Elm Street, Boston, MA 02118"), "names+post"),
        (person("b", "Garcia", "William", home="12 Maple Ave, Salem, MA 01970"), "door"),
        (person("b", born="1985", home="12 Maple Ave, Boston, MA 02118"), "door+year"),
    ],
)
def test_persons_meet(other: Mention, kind: str) -> None:
    met = meeting_keys(BASE) & meeting_keys(other)

    assert kind in {key.partition(":")[0] for key in met}


def test_strangers_do_not_meet() -> None:
    stranger = person("b", "Otto", "Lind", born="1950-12-24", phone="508-555-0177", home=OAK)

    assert meeting_keys(BASE).isdisjoint(meeting_keys(stranger))


def test_names_alone_are_a_key_of_those_only_of_whom_nothing_else_is_known() -> None:
    bare = person("a", "Bill", "Garcia")

    assert meeting_keys(bare) == meeting_keys(person("b", "Garcia", "William"))
    assert meeting_keys(bare).isdisjoint(meeting_keys(BASE))


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (vehicle("a", "4GH-172", "MA"), vehicle("b", "4gh I72")),
        (vehicle("a", vin="1M8GDM9AXKP042788"), vehicle("b", vin="KP042788")),
        (organisation("a", "Ace", tax_id="12-3456788"), organisation("b", "X", tax_id="123456788")),
        (organisation("a", "Ace Towing", home=MAPLE), organisation("b", "Ace Towing LLC")),
        (organisation("a", "Ace Towing", home=MAPLE), organisation("b", "Acme Co", home=MAPLE)),
        (organisation("a", "A", phone="617-555-0142"), organisation("b", "B", phone="6175550142")),
    ],
)  # fmt: skip
def test_vehicles_and_organisations_meet(a: Mention, b: Mention) -> None:
    assert meeting_keys(a) & meeting_keys(b)


FIRM = organisation("firm", "Ace Towing", phone="617-555-0142", home=MAPLE)


@pytest.mark.parametrize(
    ("mention", "gone"), [(BASE, {"phone", "email"}), (FIRM, {"phone", "address"})]
)
def test_a_default_value_is_no_key_and_takes_no_other_key_along(
    mention: Mention, gone: set[str]
) -> None:
    defaults = {"phone:+16175550142", "email:w@mail.example", "address:12|MAPLE ST|02118"}

    lost = meeting_keys(mention) - meeting_keys(mention, defaults)

    assert {key.partition(":")[0] for key in lost} == gone
    assert lost <= defaults


def test_nothing_known_gives_no_key() -> None:
    assert meeting_keys(person("a")) == meeting_keys(vehicle("a")) == frozenset()
    nobody = person("a", "John", "Doe", born="1900-01-01", ssn="000-00-0000", home="HOMELESS")
    assert meeting_keys(nobody) == frozenset()
