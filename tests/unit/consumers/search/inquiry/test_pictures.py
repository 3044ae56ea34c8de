"""The picture of a network, and its twins as data: what they say, hide, and can do no harm with."""

from __future__ import annotations

import csv
import re
from html.parser import HTMLParser
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import networkx
import pytest

from consumers.search.criteria import Context
from consumers.search.inquiry.sentences import SAYS, WHOSE_WORD
from consumers.search.inquiry.service import Inquiries, NetworkAnswer
from consumers.search.picture.exports import COLUMNS, csv_text, graphml, safe_cell
from consumers.search.picture.files import WRITERS, drawn, writer_of
from consumers.search.picture.layout import LEAST_ACROSS, LEAST_BETWEEN_ROWS, layout
from consumers.search.picture.style import LETTERS, SHAPES, STROKES
from consumers.search.refusals import BadQuery
from recordbus.errors import Misconfigured
from schemas.avro_types import enum_symbols
from schemas.rules import basis_table, relation_types
from tests.unit.consumers.search.inquiry.conftest import ANN, CASE, County

FORMS = sorted(WRITERS)


@pytest.fixture
def answer(inquiries: Inquiries, context: Context, county: County) -> NetworkAnswer:
    county.freeze("used")
    return inquiries.network(context, ANN, 2, with_assessments=True)


class Page(HTMLParser):
    """What a page asks a browser to do."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.append((tag, dict(attrs)))


@pytest.mark.parametrize("form", FORMS)
def test_every_form_says_who_asked_and_that_nothing_is_verified(
    answer: NetworkAnswer, form: str
) -> None:
    """R-05, R-28, R-34: it cannot be parted from its purpose, case and handling."""
    text = WRITERS[form](answer)

    for wanted in ("det. Alvarez", "criminal_investigation", "2026-00117", "audit id-",
                   "Verify with the owner", "sharing has conditions", "R-04", "R-07",
                   "unverified"):  # fmt: skip
        assert wanted in text


@pytest.mark.parametrize("form", FORMS)
def test_every_form_marks_disputes_people_under_age_and_assessments(
    answer: NetworkAnswer, form: str
) -> None:
    text = WRITERS[form](answer)

    assert [w for w in ("FROZEN", "DISPUTED", "JUVENILE", "assessment") if w not in text] == []
    assert [w for w in ("Hidden", "Quiet", "Snow") if w in text] == []


def test_a_page_runs_nothing_and_asks_nobody(answer: NetworkAnswer) -> None:
    page = Page(WRITERS[".html"](answer))
    policy = [a["content"] for tag, a in page.tags if tag == "meta" and "http-equiv" in a]

    assert policy == ["default-src 'none'; style-src 'unsafe-inline'; img-src 'none'"]
    assert {tag for tag, _ in page.tags} & {"script", "link", "img", "iframe", "object"} == set()
    for _, attributes in page.tags:
        assert not any(name.startswith("on") for name in attributes)
        assert [v for n, v in attributes.items() if n in ("href", "src") and v != "#table"] == []


def test_names_are_text_wherever_they_come(
    inquiries: Inquiries, context: Context, county: County
) -> None:
    answer = inquiries.network(context, ANN, 2)
    hostile = "</title><script>alert(1)</script>{y} ' \" &"
    captions = dict.fromkeys(answer.captions, hostile)
    told = NetworkAnswer(answer.heading, answer.network, captions, answer.lines)

    page = Page(WRITERS[".html"](told))
    assert "script" not in {tag for tag, _ in page.tags}
    ElementTree.fromstring(WRITERS[".svg"](told))
    ElementTree.fromstring(graphml(told))


def test_the_picture_has_every_entity_and_tie_and_a_legend(answer: NetworkAnswer) -> None:
    text = WRITERS[".svg"](answer)
    root = ElementTree.fromstring(text)
    labels = ["".join(each.itertext()) for each in root.iter("{http://www.w3.org/2000/svg}text")]

    for caption in answer.captions.values():
        assert caption in labels
    assert "ARR: arrest (fact)" in labels
    assert "OFF: officer assessment (assessment)" in labels
    assert labels.count("ARR") == 2
    assert {"ARR FROZEN", "ARR DISPUTED", "FC SEEN JUVENILE", "OFF"} <= set(labels)
    assert re.search(r"viewBox='0 0 \d+ \d+'", text)


def test_no_meaning_rests_on_colour_alone() -> None:
    """Each basis has dashes and letters of its own, each kind of entity a shape and a letter."""
    kinds = enum_symbols("recordbus.v1.MentionKind")
    assert list(STROKES) == list(basis_table())
    for part in ("letters", "dashes"):
        assert len({getattr(stroke, part) for stroke in STROKES.values()}) == len(STROKES)
    assert LETTERS.keys() == SHAPES.keys() == set(kinds)
    assert len(set(LETTERS.values())) == len(set(SHAPES.values())) == len(kinds)


def test_every_relation_and_every_assessment_has_its_sentence() -> None:
    assert SAYS.keys() == relation_types().keys()
    judged = {
        name
        for name, basis in basis_table().items()
        if "assessment" in (basis.evidence.kind, *(e.kind for e in basis.by_contact_basis.values()))
    }
    assert WHOSE_WORD.keys() == judged


def test_a_victim_is_called_one(inquiries: Inquiries, context: Context) -> None:
    """R-04: at the incident that was asked for, and as nobody's associate."""
    answer = inquiries.network(context, CASE, 1, with_assessments=True)

    assert ">VWR VICTIM<" in WRITERS[".svg"](answer)
    assert [row["leads_on"] for row in csv_rows(answer) if row["type"] == "victim_of"] == ["no"]


def csv_rows(answer: NetworkAnswer) -> list[dict[str, str]]:
    lines = [line for line in csv_text(answer).splitlines() if not line.startswith(("#", '"#'))]
    return list(csv.DictReader(StringIO("\n".join(lines))))


def test_each_tie_is_a_row_of_its_own(answer: NetworkAnswer) -> None:
    """R-02, R-06."""
    rows = csv_rows(answer)

    assert list(rows[0]) == list(COLUMNS)
    assert {row["association_id"] for row in rows} == answer.lines.keys()
    assert all(row["record_key"] and row["owner_ori"] and row["basis"] for row in rows)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@a", "\t=1", "\r=1"])
def test_no_spreadsheet_takes_a_name_for_a_formula(text: str) -> None:
    assert safe_cell(text) == f"'{text}"
    assert safe_cell("Leigh, Ann") == "Leigh, Ann"


def test_graphml_keeps_ties_apart(answer: NetworkAnswer) -> None:
    graph = networkx.read_graphml(BytesIO(graphml(answer).encode()), force_multigraph=True)

    assert set(graph.nodes) == set(answer.captions)
    assert graph.number_of_edges() == len(answer.lines)
    assert {d["evidence_kind"] for _, _, d in graph.edges(data=True)} == {"fact", "assessment"}


def test_places_are_the_same_every_time_and_no_two_are_one(answer: NetworkAnswer) -> None:
    first, again = layout(answer.network), layout(answer.network)

    assert first == again
    places = list(first.places.values())
    for number, one in enumerate(places):
        for other in places[number + 1 :]:
            assert (abs(one.x - other.x) >= LEAST_ACROSS - 1
                    or abs(one.y - other.y) >= LEAST_BETWEEN_ROWS - 1)  # fmt: skip
    assert all(0 < at.x < first.width and 0 < at.y < first.height for at in places)


def test_one_entity_alone_can_be_drawn(
    inquiries: Inquiries, context: Context, county: County
) -> None:
    for name in county.ties():
        county.take_back(name)
    answer = inquiries.network(context, ANN, 1)

    assert len(layout(answer.network).places) == 1
    assert [form for form in FORMS if not WRITERS[form](answer)] == []


def test_a_file_is_its_owners_and_of_a_known_sort(tmp_path: Path) -> None:
    with pytest.raises(BadQuery, match=r"\.html"):
        writer_of(tmp_path / "net.pdf")
    path = tmp_path / "net.SVG"
    assert writer_of(path) is WRITERS[".svg"]
    path.write_text("of before")
    path.chmod(0o644)
    drawn(path, "text")
    assert path.read_text() == "text"
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(Misconfigured):
        drawn(tmp_path / "nowhere" / "net.svg", "text")
