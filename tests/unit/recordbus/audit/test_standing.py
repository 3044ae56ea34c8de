"""What stood after a month is published once, in numbers that tell of nobody (R-43)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest

from recordbus.audit.standing import Count, Counter, Standing, counters, standing
from recordbus.errors import Misconfigured, RecordbusError, Retryable
from recordbus.settings import Settings

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
MONTH = "2026-10"


class Counting:
    """Counts what it is told there is; `trouble` is why this machine cannot."""

    def __init__(self, **counts: int) -> None:
        self.counts, self.asked = counts, 0
        self.trouble: RecordbusError | None = None

    def __call__(self, settings: Settings, at: datetime) -> Iterable[Count]:
        """Count."""
        self.asked += 1
        if self.trouble is not None:
            raise self.trouble
        return [Count("Associations", ("basis",), {(k,): n for k, n in self.counts.items()})]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.model_validate({"run_directory": tmp_path})


def stood(
    settings: Settings, *counting: Counter, month: str = MONTH, now: datetime = NOW
) -> Standing:
    known = {str(number): each for number, each in enumerate(counting)}
    return standing(settings, month, now, known)


def test_small_counts_are_hidden_and_others_rounded_down(settings: Settings) -> None:
    (table,) = stood(settings, Counting(arrest=23, conviction=4, alias=5)).tables
    assert table.counts == {("alias",): 5, ("arrest",): 20, ("conviction",): None}
    assert table.total == 25


def test_a_month_is_counted_once_whoever_asks_again_and_when(settings: Settings) -> None:
    """Two publications that differ by a few would tell of those few."""
    counting = Counting(arrest=9)
    first = stood(settings, counting)
    counting.counts = {"arrest": 10, "conviction": 60}
    again = stood(settings, counting)
    later = stood(settings, counting, now=datetime(2027, 3, 1, tzinfo=UTC))
    assert first == again == later
    assert first.counted_at == "2026-11-23"
    assert counting.asked == 1


def test_what_is_kept_is_what_is_shown_and_no_more(settings: Settings, tmp_path: Path) -> None:
    stood(settings, Counting(arrest=23, conviction=4))
    (path,) = (tmp_path / "statistics").iterdir()
    assert path.name == f"{MONTH}.json"
    told = orjson.loads(path.read_bytes())
    assert told["tables"][0]["counts"] == [["arrest", 20], ["conviction", None]]
    assert b"23" not in path.read_bytes().replace(b"2026-11-23", b"")


def test_of_a_month_that_is_long_over_and_was_not_published_nothing_is_told(
    settings: Settings, tmp_path: Path
) -> None:
    counting = Counting(arrest=9)
    assert stood(settings, counting, month="2026-09") == Standing([])
    assert counting.asked == 0
    assert not (tmp_path / "statistics").exists()


@pytest.mark.parametrize("kind", [Retryable, Misconfigured])
def test_what_could_not_be_counted_is_said_and_nothing_is_kept(
    settings: Settings, tmp_path: Path, kind: type[RecordbusError]
) -> None:
    away, here = Counting(arrest=9), Counting(conviction=9)
    away.trouble = kind("there is no index yet")
    found = stood(settings, away, here)
    assert found.missing == ("0: there is no index yet",)
    assert [list(each.counts) for each in found.tables] == [[("conviction",)]]
    assert not (tmp_path / "statistics").exists()
    away.trouble = None
    assert len(stood(settings, away, here).tables) == 2


def test_january_tells_of_december(settings: Settings) -> None:
    found = stood(
        settings, Counting(arrest=9), month="2026-12", now=datetime(2027, 1, 1, tzinfo=UTC)
    )
    assert len(found.tables) == 1


@pytest.mark.parametrize("content", [b"", b"[]", b'{"tables": [{}]}', b"not JSON"])
def test_a_publication_that_was_damaged_is_not_made_anew(
    settings: Settings, tmp_path: Path, content: bytes
) -> None:
    stood(settings, Counting(arrest=9))
    path = tmp_path / "statistics" / f"{MONTH}.json"
    path.write_bytes(content)
    with pytest.raises(Misconfigured, match="cannot be read"):
        stood(settings, Counting(arrest=9))
    assert path.read_bytes() == content


def test_two_who_ask_at_once_are_told_the_same(settings: Settings) -> None:
    """The second one counts before the first one's publication is there."""
    slow = Counting(arrest=50)

    def meanwhile(settings: Settings, at: datetime) -> Iterable[Count]:
        stood(settings, Counting(arrest=10))
        return slow(settings, at)

    (table,) = stood(settings, meanwhile).tables
    assert table.counts == {("arrest",): 10}


def test_those_who_count_are_installed() -> None:
    assert set(counters()) >= {"feeds", "index"}
