"""The traps: look-alikes that must stay apart, and the right links that must be found (R-09, R-10).

Each test says the harm that it prevents. A wrong link puts one person's record on another.
"""

from __future__ import annotations

import json

import pytest

from streams.resolution.mentions import Identifier, NameForm
from tests.unit.streams.resolution.made import MAPLE, OAK, person, resolver, together

NOBODY: set[frozenset[str]] = set()
FAMILY = {"born": "1999-06-14", "phone": "617-555-0142", "home": MAPLE}


def pair(a: str, b: str) -> set[frozenset[str]]:
    """Give the one entity of two mentions."""
    return {frozenset({a, b})}


# -- siblings and twins ---------------------------------------------------------------------


def test_a_twin_does_not_get_the_arrest_of_the_other_twin() -> None:
    tom = person("tom", "Thomas", "Rivera", **FAMILY)
    luis = person("luis", "Luis", "Rivera", **FAMILY)

    assert together(tom, luis) == NOBODY


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Jayden", "Kayden"),
        ("Anna", "Hannah"),
        ("John", "Joan"),
        ("Mario", "Maria"),
        ("Paul", "Paula"),
        ("Daniel", "Danielle"),
        ("Hassan", "Hussein"),
        ("Jane", "June"),
        ("Tyrell", "Tyrese"),
    ],
)
def test_twins_whose_names_look_alike_are_not_taken_for_a_misspelling(one: str, other: str) -> None:
    assert together(person("a", one, "Okoro", **FAMILY), person("b", other, "Okoro", **FAMILY)) == (
        NOBODY
    )


def test_a_twin_whose_number_a_clerk_copied_does_not_become_the_other_twin() -> None:
    tom = person("tom", "Thomas", "Rivera", sex="M", ssn="219-09-9999", **FAMILY)
    ana = person("ana", "Ana", "Rivera", sex="F", ssn="219-09-9999", **FAMILY)
    luis = person("luis", "Luis", "Rivera", ssn="219-09-9999", licence="S22222223", **FAMILY)

    assert together(tom, ana) == NOBODY
    assert together(tom._replace(identifiers=luis.identifiers[:1]), luis) != NOBODY
    assert together(person("t", "Thomas", "Rivera", licence="S11111112", **FAMILY), luis) == NOBODY


def test_twins_who_share_their_first_given_name_stay_two() -> None:
    elena = person("elena", "Maria", "Rivera", middle="Elena", sex="F", **FAMILY)
    luisa = person("luisa", "Maria", "Rivera", middle="Luisa", sex="F", **FAMILY)

    assert together(elena, luisa) == NOBODY
    number = {"ssn": "219-09-9999", "sex": "F", **FAMILY}
    misheard = person("misheard", "Maria", "Rivera", middle="Luisa", **number)
    assert together(person("e", "Maria", "Rivera", middle="Elena", **number), misheard) != NOBODY


@pytest.mark.parametrize("other", ["Luis", "Kayden", ""])
def test_twins_who_got_two_consecutive_numbers_stay_two(other: str) -> None:
    one = person("one", "Jayden", "Rivera", **FAMILY)._replace(identifiers=(plain("219099991"),))
    twin = person("twin", other, "Rivera", **FAMILY)._replace(identifiers=(plain("219099992"),))

    assert together(one, twin) == NOBODY


def plain(number: str) -> Identifier:
    """Give a number as `recordbus resolve` has it, which compares by edits."""
    return Identifier("ssn", "", f"digest of {number}", number)


def test_a_number_that_a_clerk_copied_joins_no_more_than_its_own_record() -> None:
    tom = person("tom", "Thomas", "Rivera", ssn="219-09-9999", licence="S11111112", **FAMILY)
    luis = person("luis", "Luis", "Rivera", licence="S22222223", **FAMILY)
    again = luis._replace(mention_id="again")
    copied = person("copied", "Luis", "Rivera", ssn="219-09-9999", **FAMILY)

    found = together(tom, luis, again, copied)

    assert not any({"tom", "luis"} <= each or {"tom", "again"} <= each for each in found)
    assert any({"luis", "again"} <= each for each in found)


def test_a_newborn_does_not_become_the_mother_whose_number_was_given() -> None:
    mother = person("mother", "Carla", "Rossi", ssn="219-09-9999", born="1968-01-20", home=MAPLE)
    newborn = person("newborn", "Baby Boy", "Rossi", ssn="219-09-9999", home=MAPLE)

    assert together(mother, newborn) == NOBODY


def test_two_strangers_with_one_name_and_one_birthday_stay_two() -> None:
    here = person("here", "Xiomara", "Quattlebaum", born="1988-02-29", home=MAPLE)
    there = person("there", "Xiomara", "Quattlebaum", born="1988-02-29", home=OAK)

    assert together(here, there) == NOBODY
    assert together(here._replace(addresses=()), there) == NOBODY


def test_an_initial_that_fits_both_twins_is_given_to_neither() -> None:
    john = person("john", "John", "Abara", licence="S11111112", **FAMILY)
    james = person("james", "James", "Abara", licence="S22222223", **FAMILY)
    initial = person("initial", "J", "Abara", **FAMILY)

    assert together(john, james, initial) == NOBODY


# -- father and son -------------------------------------------------------------------------


@pytest.mark.parametrize(("old", "young"), [("Sr", "Jr"), ("", "Jr"), ("", ""), ("II", "III")])
def test_a_son_does_not_inherit_his_fathers_record(old: str, young: str) -> None:
    home = {"phone": "617-555-0142", "home": MAPLE}
    father = person("father", "Walter", "Boyd", suffix=old, born="1955-03-04", **home)
    son = person("son", "Walter", "Boyd", suffix=young, born="1983-03-04", **home)

    assert together(father, son) == NOBODY


@pytest.mark.parametrize(("old", "young"), [("Sr", "Jr"), ("I", "II"), ("II", "III")])
def test_suffixes_keep_generations_apart_where_no_date_is_known(old: str, young: str) -> None:
    home = {"phone": "617-555-0142", "home": MAPLE, "email": "boyd@mail.example"}
    father = person("father", "Walter", "Boyd", suffix=old, **home)
    son = person("son", "Walter", "Boyd", suffix=young, **home)

    assert together(father, son) == NOBODY


def test_a_son_whose_year_is_one_digit_from_his_fathers_stays_himself() -> None:
    father = person("father", "Walter", "Boyd", born="1961-03-04", home=MAPLE)
    son = person("son", "Walter", "Boyd", born="1981-03-04", home=MAPLE)

    assert together(father, son) == NOBODY
    assert "two_generations_at_one_address" in resolver(father, son).explain("father", "son")


def test_a_suffix_that_one_department_left_out_is_no_obstacle() -> None:
    written = person("written", "Walter", "Boyd", suffix="Jr", born="1983-03-05", home=MAPLE)
    left_out = person("left-out", "Walter", "Boyd", born="1983-03-05", home=MAPLE)

    assert together(written, left_out) == pair("written", "left-out")


def test_a_record_without_a_birthday_is_given_to_neither_of_two_namesakes() -> None:
    home = {"phone": "617-555-0142", "home": MAPLE}
    father = person("father", "Walter", "Boyd", born="1955-03-04", **home)
    son = person("son", "Walter", "Boyd", born="1983-03-04", **home)
    third = person("third", "Walter", "Boyd", **home)

    assert together(father, son, third) == NOBODY
    assert together(father, third) == NOBODY


def test_a_date_within_reach_of_two_namesakes_is_given_to_neither() -> None:
    one = person("one", "Ana", "Reyes", born="1990-05-12", home=MAPLE, licence="S11111112")
    other = person("other", "Ana", "Reyes", born="1990-05-17", home=MAPLE, licence="S22222223")
    between = person("between", "Ana", "Reyes", born="1990-05-15", home=MAPLE)

    assert together(one, other, between) == NOBODY


# -- what families, agencies and shelters share ----------------------------------------------


def test_a_family_mailbox_and_telephone_do_not_make_the_family_one_person() -> None:
    shared = {"phone": "617-555-0142", "email": "the.rossis@mail.example", "home": MAPLE}
    mother = person("mother", "Carla", "Rossi", born="1968-01-20", **shared)
    father = person("father", "Carlo", "Rossi", born="1966-11-03", **shared)
    child = person("child", "Chiara", "Rossi", born="1994-11-03", **shared)

    assert together(mother, father, child) == NOBODY


def test_an_agency_switchboard_does_not_join_its_clients() -> None:
    clients = [
        person(f"client-{n}", "Jose", name, born="1990-05-15", phone="617-555-0199")
        for n, name in enumerate(SURNAMES)
    ]
    lead = person("lead", "Jose", "Garcia", born="1990-05-15", phone="617-555-0199")
    found = resolver(*clients, lead)

    assert found.defaults == {"phone:+16175550199"}
    assert len(set(found.entities.values())) == len(clients) + 1
    assert together(clients[0], lead) == pair("client-0", "lead")


def test_a_shelter_address_does_not_join_its_residents() -> None:
    residents = [
        person(f"resident-{n}", "Jose", name, born="1990-05-15", home=OAK)
        for n, name in enumerate(SURNAMES)
    ]
    lead = person("lead", "Jose", "Garcia", born="1990-05-15", home=OAK)
    found = resolver(*residents, lead)

    assert len(set(found.entities.values())) == len(residents) + 1
    assert "default" in found.explain("lead", "resident-0")
    for resident in residents[1:]:
        found.remove(resident.mention_id)
    assert found.entities["lead"] == found.entities["resident-0"]


SURNAMES = ["Garcia", "Lopez", "Nguyen", "Kim", "Boyd", "Abara", "Rossi", "Novak", "Haddad"]


def test_placeholders_join_nobody() -> None:
    doe = {"ssn": "123-45-6789", "phone": "555-555-5555", "home": "HOMELESS", "born": "1900-01-01"}
    first = person("first", "John", "Doe", **doe)
    second = person("second", "John", "Doe", **doe)
    unknown = person("third", "Unknown", "Unknown", born="1970-01-01", phone="999-999-9999")

    assert together(first, second, unknown) == NOBODY
    assert resolver(first, second, unknown).verdicts == {}


def test_a_first_of_january_is_no_birthday() -> None:
    one = person("one", "Abdi", "Warsame", born="1988-01-01")
    other = person("other", "Abdi", "Warsame", born="1988-01-01")

    assert together(one, other) == NOBODY


# -- lies and theft ---------------------------------------------------------------------------


def test_who_gives_a_brothers_name_does_not_put_the_arrest_on_the_brother() -> None:
    brother = {"given": "Miguel", "surname": "Santos", "born": "1992-08-21", "home": MAPLE}
    real = person("real", licence="S33333334", fbi="777777BB1", **brother)
    liar = person("liar", "Rafael", "Santos", born="1990-02-11", home=MAPLE, fbi="123123AA4")
    lie = person("lie", fbi="123123AA4", **brother)

    assert together(real, liar, lie) == NOBODY
    assert "numbers_differ" in resolver(real, lie).explain("lie", "real")


def test_an_alias_that_is_a_brothers_name_does_not_join_the_brother() -> None:
    miguel = person("miguel", "Miguel", "Santos", born="1992-08-21", home=MAPLE)
    rafael = person("rafael", "Rafael", "Santos", born="1992-08-22", home=MAPLE)
    with_alias = rafael._replace(names=(*rafael.names, *miguel.names))

    assert together(miguel, with_alias) == NOBODY


def test_a_stolen_number_does_not_make_the_thief_the_victim() -> None:
    victim = person("victim", "Grace", "Lindqvist", born="1959-07-07", ssn="219-09-9999", home=OAK)
    thief = person("thief", "Tanya", "Mercer", born="1987-12-30", ssn="219-09-9999", home=MAPLE)

    assert together(victim, thief) == NOBODY


def test_a_chain_of_likenesses_does_not_join_its_two_ends() -> None:
    one = person("one", "Robert", "Hale", born="1980-04-11", licence="S10000001", home=MAPLE)
    link = person("link", "Robert", "Hale", born="1980-04-11", home=MAPLE)
    end = person("end", "Robert", "Hale", born="1980-04-11", licence="S90000009", home=MAPLE)

    assert frozenset({"one", "link", "end"}) not in together(one, link, end)
    assert not any({"one", "end"} <= each for each in together(one, link, end))


# -- right links ------------------------------------------------------------------------------


def test_day_and_month_exchanged_are_one_birthday() -> None:
    american = person("american", "Ines", "Duarte", born="1985-03-09", phone="617-555-0142")
    european = person("european", "Ines", "Duarte", born="1985-09-03", phone="617-555-0142")

    assert together(american, european) == pair("american", "european")


def test_given_name_and_surname_exchanged_are_one_name() -> None:
    right = person("right", "Wei", "Zhang", born="1991-10-23", phone="617-555-0142", home=MAPLE)
    swapped = person("swapped", "Zhang", "Wei", born="1991-10-23", phone="617-555-0142", home=MAPLE)

    assert together(right, swapped) == pair("right", "swapped")


def test_exchanged_names_still_are_one_where_a_third_record_misspells_them() -> None:
    known = {"born": "1991-10-23", "phone": "617-555-0142", "home": MAPLE}
    right = person("right", "Thomas", "Bruhn", **known)
    swapped = person("swapped", "Bruhn", "Thomas", **known)
    misspelt = person("misspelt", "Thoms", "Bruhn", middle="Karl", **known)
    right = right._replace(names=(right.names[0]._replace(middle="KARL"),))

    assert frozenset({"right", "swapped", "misspelt"}) in together(right, swapped, misspelt)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("Mohammed", "Al Masri"), ("Muhammad", "Almasri")),
        (("Yusuf", "Haddad"), ("Youssef", "Hadad")),
        (("Sergei", "Kuznetsov"), ("Sergey", "Kuznetzov")),
        (("Catherine", "O'Brien"), ("Katherine", "OBrien")),
    ],
)
def test_two_spellings_of_one_name_are_one_person(
    one: tuple[str, str], other: tuple[str, str]
) -> None:
    known = {"born": "1979-11-25", "phone": "617-555-0142", "home": MAPLE}

    assert together(person("a", *one, **known), person("b", *other, **known)) == pair("a", "b")


def test_a_nickname_is_the_same_name() -> None:
    formal = person("formal", "William", "Hale", born="1971-05-30", home=MAPLE)
    short = person("short", "Bill", "Hale", born="1971-05-30", home=MAPLE)

    assert together(formal, short) == pair("formal", "short")


def test_a_surname_that_changed_is_bridged_by_a_number() -> None:
    before = person("before", "Nora", "Lind", born="1993-02-17", licence="S44444445", home=OAK)
    after = person("after", "Nora", "Castellano", born="1993-02-17", licence="S44444445")

    assert together(before, after) == pair("before", "after")


def test_a_misspelt_name_is_bridged_by_a_number() -> None:
    right = person("right", "Jayden", "Hale", born="1993-02-17", licence="S44444445", home=OAK)
    wrong = person("wrong", "Jaydne", "Hale", born="1993-02-17", licence="S44444445")

    assert together(right, wrong) == pair("right", "wrong")


def test_who_is_known_by_another_name_is_bridged_by_number_and_birthday() -> None:
    papers = person("papers", "Nguyet", "Tran", born="1993-02-17", licence="S44444445", home=OAK)
    street = person("street", "Moon", "Baker", born="1993-02-17", licence="S44444445", home=OAK)

    assert together(papers, street) == pair("papers", "street")
    assert '"excused":["given_name","surname"]' in resolver(papers, street).explain(
        "papers", "street"
    )


def test_an_alias_does_not_keep_other_records_of_the_same_person_out() -> None:
    known = {"born": "1993-02-17", "phone": "617-555-0142", "home": OAK}
    papers = person("papers", "Nguyet", "Tran", licence="S44444445", **known)
    alias = person("alias", "Moon", "Tran", licence="S44444445", **known)
    plain_one = person("plain", "Nguyet", "Tran", **known)

    assert together(papers, alias, plain_one) == {frozenset({"papers", "alias", "plain"})}


@pytest.mark.parametrize(("given", "surname"), [("", "Hale"), ("Jayden", "")])
def test_a_missing_name_is_made_good_by_middle_name_birthday_and_home(
    given: str, surname: str
) -> None:
    known = {"middle": "R", "born": "1993-02-17", "home": MAPLE}
    whole = person("whole", "Jayden", "Hale", **known)
    half = person("half", given, surname, **known)
    if not half.names:
        half = half._replace(names=(NameForm(given=given, middle="R", surname=surname),))

    assert together(whole, half) == pair("whole", "half")
    bare = half._replace(names=(half.names[0]._replace(middle=""),))
    assert (together(whole, bare) == NOBODY) is (given == "")


def test_every_refusal_in_a_household_can_be_explained_without_a_value() -> None:
    tom = person("a", "Thomas", "Rivera", ssn="219-09-9999", **FAMILY)
    luis = person("b", "Luis", "Rivera", **FAMILY)

    said = resolver(tom, luis).explain("a", "b")

    assert json.loads(said)["vetoes"] == ["given_names_differ"]
    for value in ("RIVERA", "LUIS", "1999", "555", "MAPLE", "219099999"):
        assert value not in said.upper()
