"""The pages of errors, exit codes and reason codes."""

from __future__ import annotations

from itertools import groupby

from docs.pages.markdown import code, page, table
from recordbus import errors as tree
from schemas import catalog
from schemas.catalog import Reason

ERRORS = """\
Errors are grouped by what the one who meets them should do. A message says what failed and which
thing; a second line says what to do next."""

REASONS = """\
Why an input was not accepted. The code stands in the quarantined message, in the metric
[`recordbus_quarantine_records_total`](metrics.md) and in what a command prints; a detail beside
it never holds personal data.

A detail names a field by its path in the record, counting from 0, whoever gives it:
`body.people.0.role` is the role of the first person. The connector counts the items of a list as
the mapping has them, also those that this row leaves empty. Lines of a file count from 1, as an
editor counts them."""

OUTCOMES = {
    "quarantine": "goes to `quarantine.v1` with its original bytes; the next message goes on",
    "id_only": "goes to `quarantine.v1` with its position and key, without content",
    "drop": "is dropped and counted",
    "refuse_row": "the row is refused and named in the account of its file",
    "refuse_file": "the file is refused and nothing of it is sent",
    "hold": "the file is held until somebody approves it",
    "refuse_send": "is refused before it is sent",
}


def errors() -> str:
    """Give the page of errors and exit codes."""
    classes = [
        (code(kind.__name__), (kind.__doc__ or "").partition("\n")[0], int(kind.exit_code))
        for kind in error_classes()
    ]
    exit_codes = [(int(c), code(c.name), says) for c, says in tree.EXIT_CODE_MEANINGS.items()]
    return page(
        "Errors and exit codes",
        "recordbus/errors.py",
        ERRORS,
        table(("error", "meaning", "exit code"), classes),
        "## Exit codes",
        table(("code", "name", "meaning"), exit_codes),
    )


def error_classes() -> list[type[tree.RecordbusError]]:
    """Give the branches of the error tree, the root first."""
    return [
        tree.RecordbusError,
        tree.Retryable,
        tree.Rejected,
        tree.Refused,
        tree.Misconfigured,
    ]


def reasons() -> str:
    """Give the page of reason codes, by the part that gives them."""
    found = list(catalog.reasons().values())
    outcomes = table(
        ("outcome", "what happens to the input"), ((code(o), s) for o, s in _used(found))
    )
    by_stage = groupby(found, key=lambda reason: reason.stage)
    return page(
        "Reason codes",
        "schemas/reasons.yaml",
        REASONS,
        outcomes,
        *(_stage(stage, list(of_stage)) for stage, of_stage in by_stage),
    )


def _used(found: list[Reason]) -> list[tuple[str, str]]:
    used = {reason.outcome for reason in found}
    return [(outcome, OUTCOMES[outcome]) for outcome in OUTCOMES if outcome in used]


def _stage(stage: str, found: list[Reason]) -> str:
    rows = ((code(r.code), r.meaning, code(r.outcome), r.what_to_do) for r in found)
    return f"## {stage}\n\n" + table(("code", "meaning", "outcome", "what to do next"), rows)
