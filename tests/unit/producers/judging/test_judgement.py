"""What somebody said of two mentions becomes a judgement that intake accepts, or is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.judging.judgement import expiry, judgement_json, judgement_of
from recordbus.errors import Rejected
from recordbus.judgements import BETWEEN, key_of, record_of
from recordbus.mentions import FoundMention
from schemas import catalog

AT = datetime(2026, 5, 1, tzinfo=UTC)
KEYS = st.text("0123456789abcdef", min_size=64, max_size=64)
LOCAL_IDS = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_:-]{0,9}", fullmatch=True)
MENTIONS = st.builds(
    lambda key, local_id, version: FoundMention(f"{key}.{local_id}", version),
    KEYS, LOCAL_IDS, st.integers(0, 2**62),
)  # fmt: skip
ONE, OTHER = FoundMention(f"{'a' * 64}.p1", 1), FoundMention(f"{'b' * 64}.p1", 2)


def judged(one: FoundMention = ONE, other: FoundMention = OTHER, **fields: Any) -> Any:
    said: dict[str, Any] = {
        "reason": "why",
        "author": "who",
        "decided_at": AT,
        "expires_at": None,
    } | fields
    return judgement_of(one, other, "different", **said)


@given(MENTIONS, MENTIONS)
def test_a_pair_is_the_same_in_either_order(one: FoundMention, other: FoundMention) -> None:
    if record_of(one.mention_id) == record_of(other.mention_id):
        with pytest.raises(Rejected, match=r"judged_within_record|bad_pair"):
            judged(one, other)
        return
    judgement = judged(one, other)
    assert judged(other, one) == judgement
    first, second = key_of(judgement).split(BETWEEN)
    assert first < second
    assert {first, second} == {one.mention_id, other.mention_id}
    versions = {judgement["a"]: judgement["a_version"], judgement["b"]: judgement["b_version"]}
    assert versions == dict([one, other])


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"reason": "  "}, "unexplained_judgement"),
        ({"author": ""}, "unexplained_judgement"),
        ({"expires_at": AT}, "judgement_expired"),
        ({"expires_at": AT - timedelta(days=1)}, "judgement_expired"),
        ({"other": FoundMention("no id", 1)}, "bad_pair"),
        ({"other": ONE._replace(version=9)}, "bad_pair"),
        ({"other": FoundMention(f"{'a' * 64}.p2", 1)}, "judged_within_record"),
    ],
)
def test_an_unsound_one_is_refused_with_the_reason_that_intake_would_give(
    fields: dict[str, Any], reason: str
) -> None:
    with pytest.raises(Rejected) as refused:
        judged(**fields)
    assert refused.value.reason == reason
    assert reason in catalog.reasons()


@pytest.mark.parametrize(
    ("written", "instant"),
    [
        ("2027-01-31", datetime(2027, 1, 31, tzinfo=UTC)),
        ("2027-01-31T12:00:00Z", datetime(2027, 1, 31, 12, tzinfo=UTC)),
        ("2027-01-31T12:00:00+02:00", datetime(2027, 1, 31, 10, tzinfo=UTC)),
    ],
)
def test_an_expiry_is_a_day_or_an_instant(written: str, instant: datetime) -> None:
    assert expiry(written) == instant


@pytest.mark.parametrize("written", ["", "soon", "31/01/2027", "2027-01-31T12:00:00", "2027-02-30"])
def test_what_is_neither_is_refused(written: str) -> None:
    with pytest.raises(Rejected, match="write a day"):
        expiry(written)


def test_for_programs_times_are_text() -> None:
    told = judgement_json(judged(expires_at=AT + timedelta(hours=1)))
    assert told["decided_at"] == "2026-05-01T00:00:00.000Z"
    assert told["expires_at"] == "2026-05-01T01:00:00.000Z"
    assert judgement_json(judged())["expires_at"] is None
