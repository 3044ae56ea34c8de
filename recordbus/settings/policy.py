"""The settings of agreements."""

from __future__ import annotations

from pathlib import Path

from recordbus.settings.fields import Group, setting


class PolicySettings(Group):
    """Where agreements are, and who may sign them."""

    agreements_directory: Path | None = setting(
        None,
        "The folder of agreements, NAME.yaml with NAME.yaml.sig; `agreements` in the run directory "
        "when unset.",
        example="/etc/recordbus/agreements",
    )
    accepted_directory: Path | None = setting(
        None,
        "Where the accepted versions are kept, which stay in force while a newer one is refused; "
        "`policy` in the run directory when unset.",
        example="/var/lib/recordbus/policy",
    )
    keyring: Path | None = setting(
        None,
        "The file of those who may sign agreements; `agreement-signers.yaml` in the run directory "
        "when unset.",
        example="/etc/recordbus/agreement-signers.yaml",
    )
    signatures_required: int = setting(
        2,
        "How many different people must have signed an agreement, one of them as approver.",
        example="2",
        ge=1,
        le=5,
    )
    recipients: str = setting(
        "",
        "The agencies that agreements may name, separated by commas; any when empty.",
        example="metro-task-force,state-missing-persons",
    )
    refresh_seconds: float = setting(
        2.0,
        "How often a process looks whether agreements or signers changed.",
        example="2",
        gt=0,
        le=300,
    )
