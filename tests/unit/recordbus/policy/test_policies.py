"""Decisions: default deny, hiding wins, the end recipient counts, and what time changes."""

from __future__ import annotations

import random
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cedarpy import AuthzResult
from hypothesis import given, settings
from hypothesis import strategies as st

from recordbus.metrics import sample
from recordbus.policy import counting
from recordbus.policy.asking import (
    ON_BEHALF_OF_UNKNOWN,
    PURPOSE_NOT_ALLOWED,
    NotAllowed,
    check_may_ask,
)
from recordbus.policy.cedar import UNDECIDED, CedarRules, Verdict, _verdict
from recordbus.policy.decision import LEVELS, Decision, Item, Question, Request
from recordbus.policy.policies import Policies, least
from recordbus.policy.read import read_agreement
from recordbus.policy.testing import policies_of
from tests.policy_oracle import cases
from tests.unit.recordbus.policy.texts import SOUND

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
ASKED = Request("search", "metro-task-force", "criminal_investigation", "C-1", "J. Rowe")
ARREST = Item("harbor-city-pd", "arrest", "fact", "arrest")
RULE = "harbor-to-metro/facts"
HIDING = "  never:\n    level: hidden\n    only: [juvenile]\n"


def decide(text: str = SOUND, request: Request = ASKED, item: Item = ARREST) -> Decision:
    return policies_of(text).decide(request, item, NOON)


def test_r31_what_a_rule_gives_is_given_with_its_masks_and_its_name() -> None:
    decision = decide()

    assert (decision.level, decision.masked) == ("full", frozenset({"body.narrative"}))
    assert (decision.reasons, decision.agreements) == ((RULE,), ("harbor-to-metro",))
    assert len(decision.policy_version) == 64


@pytest.mark.parametrize(
    "item",
    [
        replace(ARREST, owner="millbrook-pd"), replace(ARREST, owner="harbor-city"),
        replace(ARREST, record_kind="incident"), replace(ARREST, record_kind="rumour"),
        replace(ARREST, basis="informant"), replace(ARREST, basis="hearsay"),
        replace(ARREST, evidence_kind="assessment"), replace(ARREST, evidence_kind=""),
        replace(ARREST, juvenile=True), replace(ARREST, derived=True),
        replace(ARREST, sealed=True), replace(ARREST, designation=True),
    ],
)  # fmt: skip
def test_r29_what_no_rule_gives_is_hidden(item: Item) -> None:
    decision = decide(item=item)

    assert (decision.level, decision.reasons) == ("hidden", ("bus/nothing_allows",))


@pytest.mark.parametrize("name", [each.name for each in fields(Item) if each.type == "str"])
def test_an_unknown_word_of_an_item_never_gives_more(name: str) -> None:
    unknown: dict[str, Any] = {name: "never-heard-of"}
    decision = decide(item=replace(ARREST, **unknown))

    assert decision.level in {"hidden", "pointer"}


@pytest.mark.parametrize("purpose", ["", "curiosity", "audit", "CRIMINAL_INVESTIGATION"])
def test_r29_a_purpose_that_is_none_is_denied_for_everybody(purpose: str) -> None:
    for agency in ("metro-task-force", "harbor-city-pd"):
        decision = decide(request=replace(ASKED, agency=agency, purpose=purpose))
        assert (decision.level, decision.reasons) == ("hidden", ("bus/purpose_denied",))


@pytest.mark.parametrize(
    "purpose", ["immigration_enforcement", "employment", "housing", "public_release"]
)
def test_r29_a_shut_purpose_is_denied_unless_its_owner_opens_it(purpose: str) -> None:
    asked, freest = replace(ASKED, purpose=purpose), replace(ARREST, dissemination="unrestricted")
    opened = SOUND.replace("[criminal_investigation]", f"[{purpose}]")
    opened += "    legal_authority: Order 12 of the county court\n"

    assert decide(request=asked, item=freest).reasons == ("bus/purpose_denied",)
    assert decide(opened, asked, freest).level == "full"
    assert decide(opened, replace(asked, agency="harbor-city-pd"), freest).level == "hidden"


def test_r29_an_owner_that_lets_it_go_to_police_only_is_not_overruled() -> None:
    asked = replace(ASKED, purpose="housing")
    opened = SOUND.replace("[criminal_investigation]", "[housing]") + "    legal_authority: X\n"

    decision = decide(opened, asked)

    assert (decision.level, decision.reasons) == ("hidden", ("bus/law_enforcement_only",))


def test_r30_the_end_recipient_counts_and_not_the_account() -> None:
    for_another = replace(ASKED, on_behalf_of="housing-office")
    for_metro = replace(ASKED, agency="shared-desk", on_behalf_of="metro-task-force")

    assert decide(request=for_another).level == "hidden"
    assert decide(through("shared-desk"), for_metro).level == "full"


def test_r30_nobody_is_asked_for_whose_owner_did_not_agree() -> None:
    """A claim opens nothing, and one owner's word does not open another owner's records."""
    for_metro = replace(ASKED, agency="shared-desk", on_behalf_of="metro-task-force")
    for_owner = replace(for_metro, on_behalf_of="harbor-city-pd")
    other = SOUND.replace("harbor", "alder")
    both = policies_of(through("shared-desk"), other)

    assert decide(request=for_metro).reasons == ("bus/not_asked_through",)
    assert decide(through("shared-desk"), for_owner).level == "hidden"
    assert both.decide(for_metro, ARREST, NOON).level == "full"
    assert both.decide(for_metro, replace(ARREST, owner="alder-city-pd"), NOON).level == "hidden"
    after = datetime(2027, 1, 1, tzinfo=UTC)
    assert not both.may_ask_through("shared-desk", "metro-task-force", after)


def test_a_door_lets_in_whom_an_agreement_gives_anything() -> None:
    """R-29, R-30: refused with the rules and the version of the policy."""
    policies = policies_of(through("shared-desk"))
    check_may_ask(policies, ASKED, NOON)
    check_may_ask(
        policies, replace(ASKED, agency="shared-desk", on_behalf_of="metro-task-force"), NOON
    )
    for request, reason in (
        (replace(ASKED, purpose="training"), PURPOSE_NOT_ALLOWED),
        (replace(ASKED, agency="x", on_behalf_of="metro-task-force"), ON_BEHALF_OF_UNKNOWN),
        (replace(ASKED, agency="metro-task-force", on_behalf_of="harbor-city-pd"),
         ON_BEHALF_OF_UNKNOWN),
    ):  # fmt: skip
        with pytest.raises(NotAllowed) as caught:
            check_may_ask(policies, request, NOON)
        assert (caught.value.reason, caught.value.policy_version) == (reason, policies.version)
        assert caught.value.rules


def through(agency: str) -> str:
    return SOUND.replace("start:", f"asked_through: [{agency}]\nstart:")


def test_hiding_wins_whatever_gives() -> None:
    giving = SOUND + "    juveniles: true\n"
    minor = replace(ARREST, juvenile=True)

    assert decide(giving, item=minor).level == "full"
    decision = decide(giving + HIDING, item=minor)
    assert (decision.level, decision.reasons) == ("hidden", ("harbor-to-metro/never",))
    assert decide(giving + HIDING).level == "full"


def test_hiding_wins_over_another_agreement_too() -> None:
    other = SOUND.replace("harbor-to-metro", "other").replace("level: full", "level: hidden")
    other = other.replace("    masks: [body.narrative]\n", "")

    decision = policies_of(SOUND, other).decide(ASKED, ARREST, NOON)

    assert (decision.level, decision.reasons) == ("hidden", ("other/facts",))


def test_what_two_rules_mask_is_masked_and_what_one_shows_is_shown() -> None:
    other = SOUND.replace("harbor-to-metro", "other").replace(
        "[body.narrative]", "[body.narrative, body.offences]"
    )

    decision = policies_of(SOUND, other).decide(ASKED, ARREST, NOON)

    assert decision.masked == {"body.narrative"}
    assert decision.agreements == ("harbor-to-metro", "other")


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        (replace(ARREST, designation=True), "bus/designation"),
        (replace(ARREST, sealed=True), "bus/sealed"),
        (replace(ARREST, dissemination="restricted"), "bus/restricted"),
        (replace(ARREST, dissemination="a-level-of-tomorrow"), "bus/restricted"),
    ],
)
def test_r13_r25_some_things_are_a_pointer_at_most(item: Item, reason: str) -> None:
    decision = decide(SOUND + "    designations: true\n    sealed: true\n", item=item)

    assert (decision.level, decision.masked) == ("pointer", frozenset())
    assert decision.reasons == (RULE, reason)


def test_an_owner_has_its_own_records() -> None:
    own = replace(ASKED, agency="harbor-city-pd")

    decision = decide(request=own, item=replace(ARREST, designation=True, juvenile=True))

    assert (decision.level, decision.reasons) == ("full", ("bus/own_records",))


def test_r32_an_agreement_gives_nothing_before_its_start_and_after_its_end() -> None:
    policies = policies_of(SOUND)
    start, end = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
    second = timedelta(seconds=1)

    def at(moment: datetime) -> tuple[str, datetime | None]:
        decision = policies.decide(ASKED, ARREST, moment)
        return decision.level, decision.holds_until

    assert at(start - second) == ("hidden", start)
    assert at(start) == ("full", end)
    assert at(end - second) == ("full", end)
    assert at(end) == ("hidden", None)
    assert at(start - second) == ("hidden", start)  # time is not asked for in order
    assert policies.next_change("metro-task-force", start) == end
    assert policies.next_change("nobody", start) is None
    assert [a.id for a in policies.agreements("metro-task-force", start)] == ["harbor-to-metro"]
    assert policies.agreements("metro-task-force", end) == ()


def test_the_version_names_the_bytes_that_are_decided_by() -> None:
    versions = {policies_of(text).version for text in ((SOUND), SOUND + "# more\n")}

    assert len(versions | {Policies().version}) == 3
    assert policies_of(SOUND).version == policies_of(SOUND).version


def test_a_decision_is_kept_and_asked_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    decide_all = CedarRules.decide

    def counted(self: CedarRules, found: Any) -> Any:
        asked.append(len(found))
        return decide_all(self, found)

    monkeypatch.setattr(CedarRules, "decide", counted)
    policies = policies_of(SOUND)
    other_case = replace(ASKED, case="C-2", requester="A. Other")

    first = policies.decide(ASKED, ARREST, NOON)
    assert policies.decide(other_case, replace(ARREST), NOON) is first
    assert policies.decider(ASKED).decide(ARREST, NOON) is first
    assert asked == [1]


def test_the_cache_is_bounded_and_right_beyond_its_bound() -> None:
    policies = Policies([read_agreement(SOUND.encode()).agreement], cache_limit=2)
    items = [ARREST, *(replace(ARREST, record_kind=f"kind-{n}") for n in range(9))]

    decided = policies.decide_each(ASKED, items, NOON)

    assert [each.level for each in decided] == ["full", *["hidden"] * 9]
    assert len(policies._kept) == 2
    assert policies.decide(ASKED, ARREST, NOON).level == "full"


def test_an_evaluation_that_fails_gives_nothing() -> None:
    failed = AuthzResult({"decision": "Allow", "diagnostics": {"errors": ["a rule failed"]}})
    sound = AuthzResult({"decision": "Allow", "diagnostics": {}})

    assert _verdict(failed, sound) == Verdict("hidden", (UNDECIDED,))
    assert _verdict(sound, failed) == Verdict("hidden", (UNDECIDED,))


def test_the_least_of_several_items_counts() -> None:
    policies = policies_of(SOUND)
    items = (ARREST, replace(ARREST, basis="informant"))

    assert policies.decide_all(ASKED, items, NOON).level == "hidden"
    assert policies.decide_all(ASKED, items[:1], NOON).level == "full"
    with pytest.raises(ValueError, match="no item"):
        least([])


def test_masks_of_several_items_add_up() -> None:
    one, other = (Decision("full", frozenset({path}), (path,)) for path in ("a", "b"))

    assert least([one, other]).masked == {"a", "b"}
    assert least([one, Decision("pointer", reasons=("x",))]).reasons == ("x",)


def test_r36_a_request_that_could_have_nothing_is_told_at_the_door() -> None:
    policies = policies_of(SOUND)

    assert policies.may_ask(ASKED, NOON).level == "full"
    denied = policies.may_ask(replace(ASKED, purpose="immigration_enforcement"), NOON)
    assert (denied.level, denied.reasons) == ("hidden", ("bus/purpose_denied",))
    assert policies.may_ask(replace(ASKED, agency="nobody"), NOON).level == "hidden"
    assert policies.may_ask(ASKED, datetime(2027, 1, 1, tzinfo=UTC)).level == "hidden"
    assert policies.may_ask(replace(ASKED, agency="harbor-city-pd"), NOON).level == "full"


def test_decisions_are_counted_under_closed_labels() -> None:
    def counted(name: str, **labels: str) -> float:
        return sample(f"recordbus_policy_{name}_total", **labels) or 0.0

    agreement = read_agreement(SOUND.encode()).agreement
    policies = Policies([agreement], heard=counting.count)
    labels = {"purpose": "unknown", "level": "hidden"}
    before = counted("decisions", **labels)
    denied = counted("side_door_denials", purpose="housing")

    policies.decide(replace(ASKED, purpose="whatever somebody typed"), ARREST, NOON)
    policies.decide(replace(ASKED, purpose="housing"), ARREST, NOON)
    policies.may_ask(replace(ASKED, purpose="housing"), NOON)

    assert counted("decisions", **labels) == before + 1
    assert counted("side_door_denials", purpose="housing") == denied + 2


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32))
def test_metamorphic_hiding_more_and_giving_less_never_widens(seed: int) -> None:
    chance = random.Random(seed)
    contents = [cases.agreement(chance, at) for at in range(2)]
    agreements = [read_agreement(cases.as_yaml(each)).agreement for each in contents]
    near = chance.choice(agreements)
    request, at = cases.asked(chance, near), cases.moment(chance, near)
    items = [cases.item(chance, near) for _ in range(10)]
    whole = Policies(agreements).decide_each(request, items, at)

    hiding = cases.rule(chance)
    while hiding["level"] != "hidden":
        hiding = cases.rule(chance)
    more_hidden = [contents[0] | {"rules": contents[0]["rules"] | {"added": hiding}}, contents[1]]
    hidden = [read_agreement(cases.as_yaml(each)).agreement for each in more_hidden]
    giving = [a for a in agreements for rule in a.rules if rule.gives]
    chosen = chance.choice(giving) if giving else agreements[0]
    kept = tuple(rule for rule in chosen.rules if not rule.gives)
    fewer = [replace(a, rules=kept) if a is chosen else a for a in agreements]
    for narrower in (hidden, fewer):
        for was, now in zip(whole, Policies(narrower).decide_each(request, items, at), strict=True):
            assert _is_no_wider(was, now)


def _is_no_wider(was: Decision, now: Decision) -> bool:
    """Say whether a decision gives no more than another one did."""
    if LEVELS.index(now.level) != LEVELS.index(was.level):
        return LEVELS.index(now.level) < LEVELS.index(was.level)
    return now.level != "full" or now.masked >= was.masked


def test_a_question_is_what_a_decision_depends_on() -> None:
    assert ASKED.question() == Question("search", "metro-task-force", "criminal_investigation")
