"""`recordbus policy sign` and `recordbus policy keys`: who stands for an agreement."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from recordbus.errors import Misconfigured
from recordbus.policy.commands.options import Json
from recordbus.settings import load

keys = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    help="Make a signing key, and see who may sign.",
)


def sign(
    file: Annotated[Path, typer.Argument(help="The agreement.")],
    key: Annotated[Path, typer.Option(help="The signer's private key, readable by them only.")],
    signer: Annotated[str, typer.Option(help="The signer's name in the keyring.")],
    as_json: Json = False,
) -> None:
    """Sign an agreement: one more signature over its exact bytes, in FILE.sig beside it.

    A file with mistakes is not signed. Signatures of earlier bytes are dropped.
    """
    from recordbus.policy.folder import check_files
    from recordbus.policy.problems import AgreementInvalid
    from recordbus.policy.signing import SUFFIX, public_text, read_keyring, read_private_key, signed

    checked = check_files([file])[0]
    if checked.mistakes:
        raise AgreementInvalid(str(file), checked.mistakes)
    settings = load()
    private = read_private_key(key)
    known = read_keyring(settings.agreement_signers_path()).named(signer)
    if known is None or known.public_key != public_text(private):
        raise Misconfigured(
            f"{signer} is not in the keyring with this key",
            hint=f"{settings.agreement_signers_path()} needs name, role and public_key of {signer}",
        )
    content, beside = file.read_bytes(), file.with_name(file.name + SUFFIX)
    kept = _still_good(content, beside)
    written = beside.with_name(f".{beside.name}.new")
    written.write_bytes(signed(content, kept, signer, private))
    written.replace(beside)
    names = _signers(beside)
    wanted = settings.policy.signatures_required
    told = {"file": str(file), "signatures": str(beside), "signers": names, "required": wanted}
    if as_json:
        typer.echo(json.dumps(told))
        return
    typer.echo(f"{file} is signed by {', '.join(names)}; {wanted} different people must sign it")


def _still_good(content: bytes, beside: Path) -> bytes | None:
    """Give the signatures there are if all of them hold for these bytes; otherwise begin anew."""
    from recordbus.policy.signing import FileRefused, read_keyring, verified_signers

    if not beside.is_file():
        return None
    before = beside.read_bytes()
    try:
        verified_signers(content, before, read_keyring(load().agreement_signers_path()))
    except FileRefused:
        return None
    return before


def _signers(beside: Path) -> list[str]:
    return [each["signer"] for each in json.loads(beside.read_bytes())["signatures"]]


@keys.command()
def make(
    path: Annotated[Path, typer.Argument(help="Where the private key goes; none is replaced.")],
    as_json: Json = False,
) -> None:
    """Make a signing key and print its public part, for the keyring."""
    from recordbus.policy.signing import public_text, read_private_key
    from recordbus.secret_files import make_secret

    make_secret(path)
    public = public_text(read_private_key(path))
    if as_json:
        typer.echo(json.dumps({"file": str(path), "public_key": public}))
        return
    typer.echo(f"{path} holds the private key; keep it to yourself")
    typer.echo(f"for the keyring: public_key: {public}")


@keys.command("list")
def list_keys(as_json: Json = False) -> None:
    """List those who may sign agreements."""
    from recordbus.policy.signing import read_keyring

    path = load().agreement_signers_path()
    rows: list[dict[str, Any]] = [each.model_dump(mode="json") for each in read_keyring(path)]
    if as_json:
        typer.echo(json.dumps({"signers": rows}))
        return
    for row in rows:
        owners = ", ".join(row["owners"] or ()) or "every department"
        typer.echo(f"{row['name']}  {row['role']}  for {owners}  {row['public_key']}")
    typer.echo(f"{len(rows)} signers in {path}")
