"""`recordbus policy list`: what is in force, and which files are refused and why."""

from __future__ import annotations

import json

import typer

from recordbus.policy.commands.options import Json
from recordbus.settings import load


def in_force(as_json: Json = False) -> None:
    """List the agreements that decide, their policy version, and the files that are refused."""
    from recordbus.policy.store import PolicyStore

    store = PolicyStore.from_settings(load())
    policies, refused = store.policies(), store.refusals()
    rows = [
        {"agreement": each.id, "version": each.version, "owners": list(each.owners),
         "recipient": each.recipient, "start": each.start.isoformat(),
         "end": each.end.isoformat(), "digest": each.digest}
        for each in policies
    ]  # fmt: skip
    if as_json:
        told = {"policy_version": policies.version, "agreements": rows,
                "refused": [each._asdict() for each in refused]}  # fmt: skip
        typer.echo(json.dumps(told))
        return
    for row in rows:
        typer.echo(f"{row['agreement']}  version {row['version']}  for {row['recipient']}  "
                   f"until {str(row['end'])[:10]}")  # fmt: skip
    for each in refused:
        stands = f"version {each.standing} stays in force" if each.standing else "not in force"
        typer.echo(f"refused: {each.file}: {each.reason}: {each.message} ({stands})")
    typer.echo(f"{len(rows)} agreements, policy {policies.version[:16]}")
