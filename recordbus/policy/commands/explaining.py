"""`recordbus policy explain`: one request for one item, and the line that decides."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from recordbus.errors import Misconfigured
from recordbus.policy.commands.options import Json, instant
from recordbus.policy.decision import ACTIONS, Item, Request
from recordbus.settings import load

if TYPE_CHECKING:
    from recordbus.policy.explain import Explanation
    from recordbus.policy.policies import Policies


def explain(
    agency: Annotated[str, typer.Option(help="Who asks.")],
    purpose: Annotated[str, typer.Option(help="For which purpose.")],
    owner: Annotated[str, typer.Option(help="The department whose record it is.")],
    record_kind: Annotated[str, typer.Option(help="The kind of the record.")],
    basis: Annotated[
        str | None, typer.Option(help="The association's basis; the record itself without one.")
    ] = None,
    evidence_kind: Annotated[
        str | None, typer.Option(help="fact or assessment; as the basis table says when not given.")
    ] = None,
    on_behalf_of: Annotated[str | None, typer.Option(help="Who will have the answer.")] = None,
    action: Annotated[str, typer.Option(help="search or feed.")] = "search",
    dissemination: Annotated[
        str, typer.Option(help="How far the owner lets it travel.")
    ] = "law_enforcement",
    juvenile: Annotated[bool, typer.Option("--juvenile", help="About a juvenile.")] = False,
    designation: Annotated[bool, typer.Option("--designation", help="A designation.")] = False,
    derived: Annotated[bool, typer.Option("--derived", help="Derived from others.")] = False,
    disputed: Annotated[bool, typer.Option("--disputed", help="A dispute is open.")] = False,
    sealed: Annotated[bool, typer.Option("--sealed", help="Sealed.")] = False,
    at: Annotated[str | None, typer.Option(help="When, in UTC; now when not given.")] = None,
    agreements: Annotated[
        Path | None,
        typer.Option(help="A file or folder to decide by, unsigned too; what is in force if not."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Say what somebody may have of something, why, and by which line."""
    from recordbus.policy.explain import explain as explained

    if action not in ACTIONS:
        raise Misconfigured(f"{action!r} is no action", hint=f"it is {' or '.join(ACTIONS)}")
    request = Request(action, agency, purpose, on_behalf_of=on_behalf_of)
    item = Item(
        owner=owner, record_kind=record_kind, basis=basis, dissemination=dissemination,
        evidence_kind=evidence_kind or _usual_evidence(record_kind, basis), juvenile=juvenile,
        designation=designation, derived=derived, disputed=disputed, sealed=sealed,
    )  # fmt: skip
    found = explained(_policies(agreements), request, item, instant(at))
    if as_json:
        typer.echo(json.dumps(_row(found, request, item)))
        return
    for sentence in found.sentences:
        typer.echo(sentence)
    typer.echo(f"policy {found.decision.policy_version[:16]}")


def _policies(agreements: Path | None) -> Policies:
    from recordbus.policy.folder import agreements_in
    from recordbus.policy.policies import Policies
    from recordbus.policy.store import PolicyStore

    if agreements is not None:
        return Policies(agreements_in(agreements))
    return PolicyStore.from_settings(load()).policies()


def _usual_evidence(record_kind: str, basis: str | None) -> str:
    from recordbus.policy.items import evidence_of
    from schemas.catalog import basis_table

    if basis is None or basis not in basis_table():
        return evidence_of(record_kind)
    return str(basis_table()[basis].evidence.kind)


def _row(found: Explanation, request: Request, item: Item) -> dict[str, Any]:
    decision = found.decision
    until = decision.holds_until
    return {
        "request": asdict(request),
        "item": asdict(item),
        "level": decision.level,
        "masked": sorted(decision.masked),
        "reasons": list(decision.reasons),
        "agreements": list(decision.agreements),
        "policy_version": decision.policy_version,
        "holds_until": until.isoformat() if until else None,
        "sentences": list(found.sentences),
        "rules": [asdict(each) for each in found.rules],
    }
