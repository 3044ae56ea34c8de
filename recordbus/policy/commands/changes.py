"""`recordbus policy diff`: who gains and who loses what, before anything is signed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from recordbus.policy.commands.options import Json

if TYPE_CHECKING:
    from recordbus.policy.diff import Change, Gives, How, What


def diff(
    old: Annotated[Path, typer.Argument(help="The agreements as they are: a file or folder.")],
    new: Annotated[Path, typer.Argument(help="The agreements as they are to be.")],
    as_json: Json = False,
) -> None:
    """Say who gains and who loses what when the agreements change; looks at no signature."""
    from recordbus.policy.diff import changes, through
    from recordbus.policy.folder import agreements_in

    were, are = agreements_in(old), agreements_in(new)
    found, askers = changes(were, are), through(were, are)
    if as_json:
        told = {
            "changes": [_row(each) for each in found],
            "asked_through": [each._asdict() for each in askers],
        }
        typer.echo(json.dumps(told))
        return
    for asker in askers:
        verb = "may ask" if asker.may else "may no longer ask"
        typer.echo(f"{asker.agency} {verb} {asker.owner} on behalf of {asker.recipient}")
    for each in found:
        for line in _told(each):
            typer.echo(line)
    gains = sum("gains" in each.direction for each in found)
    losses = sum("loses" in each.direction for each in found)
    typer.echo(f"{gains} gains, {losses} losses" if found else "nobody gains or loses anything")


def _told(change: Change) -> list[str]:
    since, until = (f"{at:%Y-%m-%d}" for at in (change.since, change.until))
    lines = [
        f"{change.recipient} {change.direction} of {change.owner}, from {since} to before {until}:",
        f"  {' and '.join(change.actions)} for {', '.join(change.purposes)}",
    ]
    lines += [f"  {line}" for line in _whats(change.whats)]
    lines.append(f"  when {_how(change.hows[0])}" + _others(len(change.hows) - 1))
    lines.append(f"  {_gives(change.before)} -> {_gives(change.after)}")
    return lines


def _whats(whats: tuple[What, ...]) -> list[str]:
    """Give a line for each record kind, with the bases as they are written there."""
    kinds: dict[str, list[str]] = {}
    for what in whats:
        said = f"{what.basis or 'the record itself'} ({what.evidence_kind})"
        kinds.setdefault(what.record_kind, []).append(said)
    return [f"{kind}: {', '.join(said)}" for kind, said in kinds.items()]


def _how(how: How) -> str:
    marks = ", ".join(sorted(how.marks)) or "nothing special"
    return f"{marks}, {how.dissemination}"


def _others(count: int) -> str:
    return f" and {count} more combinations" if count else ""


def _gives(gives: Gives) -> str:
    masked = f" without {', '.join(sorted(gives.masked))}" if gives.masked else ""
    return gives.level + masked


def _row(change: Change) -> dict[str, Any]:
    return {
        "recipient": change.recipient,
        "owner": change.owner,
        "direction": change.direction,
        "since": change.since.isoformat(),
        "until": change.until.isoformat(),
        "actions": list(change.actions),
        "purposes": list(change.purposes),
        "items": [each._asdict() for each in change.whats],
        "marks": [
            {"marks": sorted(each.marks), "dissemination": each.dissemination}
            for each in change.hows
        ],
        "before": {"level": change.before.level, "masked": sorted(change.before.masked)},
        "after": {"level": change.after.level, "masked": sorted(change.after.masked)},
    }
