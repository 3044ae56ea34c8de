"""The settings of the audit: where its log and its keys are, and how it is watched."""

from __future__ import annotations

from pathlib import Path

from recordbus.settings.fields import Group, setting


class AuditSettings(Group):
    """Where the log of every use is, who may read it, and how often it is signed and verified."""

    directory: Path | None = setting(
        None,
        "Where the log is; `audit` in the run directory when unset. A local disk, not a network's.",
        example="/var/lib/recordbus/audit",
    )
    openings_key_file: Path | None = setting(
        None,
        "File of the secret that encrypts what was asked about people; `audit-openings.key` in "
        "the run directory when unset, made at first use.",
        example="/etc/recordbus/audit-openings.key",
    )
    signing_key_file: Path | None = setting(
        None,
        "PEM file of the Ed25519 key that signs checkpoints; `audit-keys/log.pem` in the run "
        "directory when unset, made at first use. Better where those who answer cannot read it.",
        example="/etc/recordbus/audit-keys/log.pem",
    )
    origin: str = setting(
        "recordbus-audit",
        "The name of this log in its checkpoints, of its own among all logs a witness watches.",
        example="audit.recordbus.example.org",
        pattern=r"^[A-Za-z0-9._/-]{1,100}$",
    )
    timeout_seconds: float = setting(
        2.0,
        "How long an answer waits for its entry to be durable before it is given up.",
        example="2",
        gt=0,
        le=30,
    )
    checkpoint_seconds: float = setting(
        10.0, "Time between two signed checkpoints.", example="10", gt=0, le=3600
    )
    verify_seconds: float = setting(
        60.0,
        "Least time between two verifications of the whole log; a long one rests ten times as "
        "long as it took.",
        example="60",
        gt=0,
        le=86_400,
    )
    uses_seconds: float = setting(
        1.0,
        "Time between two looks for what was signed and is to be told to the owners of records.",
        example="1",
        gt=0,
        le=3600,
    )
    auditors: str = setting(
        "",
        "The accounts that may read the audit, separated by commas; they cannot search.",
        example="auditor.weiss,auditor.okafor",
        pattern=r"^[^\n]*$",
    )
    witness_keys_file: Path | None = setting(
        None,
        "File of the public keys of the witnesses whose cosignatures count, one a line.",
        example="/etc/recordbus/audit-witnesses.txt",
    )
