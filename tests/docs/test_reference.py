"""The committed reference says what the code says, and nothing is missing from it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from docs import generate
from docs.pages.alerts import alerts
from docs.pages.commands import tree
from docs.pages.errors import error_classes
from producers.mapping.conversions import TRANSFORMS
from producers.mapping.spec import WORDS
from recordbus import errors
from recordbus.errors import ExitCode
from recordbus.metrics import CATALOGUE
from recordbus.policy.model import AgreementText, RuleText
from recordbus.policy.signing import Reason
from recordbus.redaction import ALLOWED_KEYS
from recordbus.settings.origins import setting_fields
from recordbus.web.problems import KINDS
from schemas import catalog

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"

NAMED = {
    "commands.md": [words for words, _, _ in tree()],
    "settings.md": [n for field in setting_fields() for n in (field.name, field.variable)],
    "metrics.md": [spec.name for spec in CATALOGUE],
    "topics.md": [spec.name for spec in catalog.topics().specs],
    "reasons.md": list(catalog.reasons()),
    "flags.md": list(catalog.flags()),
    "rules.md": [*catalog.basis_table(), *catalog.relation_types(), *catalog.record_kinds()],
    "code-lists.md": list(catalog.code_list_names()),
    "schemas.md": [name.rpartition(".")[2] for name in catalog.full_names()],
    "mapping.md": [*WORDS, *TRANSFORMS],
    "agreements.md": [*AgreementText.model_fields, *RuleText.model_fields, *Reason],
    "errors.md": [*(kind.__name__ for kind in error_classes()), *(c.name for c in ExitCode)],
    "log-lines.md": list(ALLOWED_KEYS),
    "problems.md": list(KINDS),
    "alerts.md": [alert.name for alert in alerts()],
}


def test_the_committed_reference_is_what_the_code_gives() -> None:
    assert generate.stale() == [], "run make docs"


@pytest.mark.parametrize("page", sorted(NAMED))
def test_nothing_is_missing_from_a_page(page: str) -> None:
    text = re.sub(r"```.*?```", "", (REFERENCE / page).read_text("utf-8"), flags=re.DOTALL)
    headings = set(re.findall(r"^#+ `?(.+?)`?$", text, re.MULTILINE))
    known = set(re.findall(r"`([^`]+)`", text)) | headings

    assert NAMED[page]
    assert [name for name in NAMED[page] if name not in known] == []


def test_every_page_is_checked_for_completeness() -> None:
    assert set(NAMED) == set(generate.PAGES)


def test_every_field_of_every_type_is_in_the_reference() -> None:
    text = (REFERENCE / "schemas.md").read_text(encoding="utf-8")
    missing = []
    for section in re.split(r"^## ", text, flags=re.MULTILINE)[1:]:
        name = section.partition("\n")[0]
        schema = catalog.avro_schema(f"{catalog.NAMESPACE}.{name}")
        fields = [field["name"] for field in schema.get("fields", [])]
        missing += [f"{name}.{f}" for f in fields if f"| `{f}` |" not in section]
    assert missing == []


def test_no_branch_of_the_error_tree_is_left_out() -> None:
    kinds = {kind for kind in vars(errors).values() if isinstance(kind, type)}

    assert set(error_classes()) == {k for k in kinds if issubclass(k, errors.RecordbusError)}


def test_a_page_that_differs_or_is_too_many_is_found(tmp_path: Path) -> None:
    generate.write(tmp_path)
    assert generate.stale(tmp_path) == []

    (tmp_path / "metrics.md").write_text("old", encoding="utf-8")
    (tmp_path / "topics.md").unlink()
    (tmp_path / "gone.md").write_text("gone", encoding="utf-8")
    assert generate.stale(tmp_path) == ["gone.md", "metrics.md", "topics.md"]

    generate.write(tmp_path)
    assert generate.stale(tmp_path) == []


def test_every_command_can_be_loaded_and_says_what_it_does() -> None:
    silent = [words for words, command, _ in tree() if not command.help]
    broken = [words for words, command, _ in tree() if "Cannot be loaded" in (command.help or "")]

    assert (silent, broken) == ([], [])


def test_every_option_and_argument_says_what_it_means() -> None:
    silent = [
        f"{words} {parameter.name}"
        for words, command, _ in tree()
        for parameter in command.params
        if not parameter.help and not parameter.hidden
    ]
    assert silent == []
