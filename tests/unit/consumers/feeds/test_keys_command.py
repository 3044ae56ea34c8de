"""`recordbus feeds keys`: secrets are shown once, rotations overlap, and all of it is audited."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from consumers.feeds.cli import feeds
from consumers.feeds.ledger.ledger import Ledger
from consumers.feeds.subscription import Standing
from recordbus.errors import Misconfigured
from recordbus.settings import Settings
from recordbus.testing.audit import entries_in
from tests.unit.consumers.feeds import bus as made

Run = Callable[..., str]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command of keys in a run directory with one subscription; errors are raised."""
    monkeypatch.setenv("RECORDBUS_RUN_DIRECTORY", str(tmp_path))
    ledger = Ledger(Settings().ledger_path(), {})
    with ledger.transaction():
        subscription = made.subscription()
        ledger.register.add(subscription, Standing(validated_at=subscription.start))
        ledger.register.pause("metro-1", 3, 2**53)
    ledger.close()

    def run(*arguments: str) -> str:
        result = CliRunner().invoke(feeds, ["keys", *arguments])
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == 0, result.output
        return result.output

    return run


def listed(run: Run) -> list[tuple[int, str, str, bool, str | None]]:
    """Give number, kind, state, whether an end is set, and the public half of each key."""
    told = map(json.loads, run("list", "metro-1", "--json").splitlines())
    return [
        (each["number"], each["kind"], each["state"], each["until"] is not None, each["public"])
        for each in told
    ]


def test_a_secret_is_shown_once_and_a_public_half_whenever_somebody_asks(run: Run) -> None:
    shown = run("make", "metro-1", "--kind", "hmac").splitlines()[-1]
    public = run("make", "metro-1").splitlines()[-1]
    assert shown.startswith("whsec_")
    assert public.startswith("whpk_")
    assert listed(run) == [(1, "hmac", "live", False, None), (2, "ed25519", "live", False, public)]
    assert shown not in run("list", "metro-1")


def test_a_rotation_lets_the_old_key_end_later_and_an_end_is_at_once(run: Run) -> None:
    run("make", "metro-1")
    run("rotate", "metro-1", "--overlap-hours", "2")
    first, second = listed(run)
    assert (first[2:4], second[2:4]) == (("live", True), ("live", False))
    run("end", "metro-1", "2")
    assert [each[2] for each in listed(run)] == ["live", "ended"]


def test_a_second_key_is_not_made_by_mistake(run: Run) -> None:
    run("make", "metro-1")
    with pytest.raises(Misconfigured, match="rotate metro-1"):
        run("make", "metro-1")
    with pytest.raises(Misconfigured, match="no kind of key 'rsa'"):
        run("make", "metro-1", "--kind", "rsa")


def test_a_key_is_for_a_subscription_that_there_is_and_lets_it_go_on_at_once(
    run: Run, tmp_path: Path
) -> None:
    with pytest.raises(Misconfigured, match="no subscription metro-2"):
        run("make", "metro-2")
    assert not Settings().webhook_keys_path().exists()
    run("make", "metro-1")
    ledger = Ledger(Settings().ledger_path(), {})
    assert ledger.register.all()["metro-1"].not_before_us == 0
    ledger.close()


def test_every_change_of_a_key_is_in_the_audit(run: Run) -> None:
    run("make", "metro-1")
    run("rotate", "metro-1")
    run("end", "metro-1", "1")
    entries = entries_in(Settings().audit_directory())
    assert [each["command"] for each in entries] == [
        "feeds.keys.make", "feeds.keys.rotate", "feeds.keys.end",
    ]  # fmt: skip
