"""A network as one HTML file: the picture, and the same as a table (pure).

It holds no script and asks no other host for anything; the page itself forbids both.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from typing import Final

from consumers.search.answers import in_words
from consumers.search.inquiry.entity import short
from consumers.search.inquiry.lines import Line, by_basis
from consumers.search.inquiry.service import NetworkAnswer
from consumers.search.inquiry.show import basis_words, contact_lines, marks
from consumers.search.picture.layout import Layout
from consumers.search.picture.svg import svg
from schemas.rules import basis_table

_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; img-src 'none'"
_STYLE: Final = """
body { font: 15px/1.45 'DejaVu Sans', Verdana, sans-serif; color: #1b1b1b; margin: 1.5rem; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.15rem; margin-top: 2rem; }
h3 { font-size: 1rem; margin-bottom: .3rem; }
.picture { overflow-x: auto; border: 1px solid #767676; }
.picture:focus { outline: 3px solid #1a4f9c; }
table { border-collapse: collapse; width: 100%; }
th, td { border: 1px solid #767676; padding: .35rem .5rem; text-align: left; vertical-align: top; }
th { background: #ecece6; } caption { text-align: left; padding: .3rem 0; }
.mark { font-weight: bold; border: 2px solid #1b1b1b; padding: 0 .3rem; }
@media print { .picture { border: 0; } }
"""
_HEADINGS: Final = ("What is said", "From", "To", "Rests on", "When", "Marks", "Owner to ask")
_SECTIONS: Final = (
    ("fact", "Facts: this happened or is registered; nothing is said about guilt"),
    ("assessment", "Assessments: somebody's judgement or word, each with its grade"),
)


def page(answer: NetworkAnswer, places: Layout) -> str:
    """Give the page as one HTML document."""
    title = f"Network of {answer.captions[answer.network.centre]}"
    return "\n".join(
        [
            "<!doctype html>",
            "<html lang='en'><head><meta charset='utf-8'>",
            f"<meta http-equiv='Content-Security-Policy' content=\"{_POLICY}\">",
            "<meta name='viewport' content='width=device-width, initial-scale=1'>",
            f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body>",
            f"<h1>{escape(title)}</h1><p><a href='#table'>Go to the table</a></p>",
            "<main><section aria-label='Picture' class='picture' tabindex='0'>",
            svg(answer, places),
            "</section><h2 id='table'>The same as a table</h2>",
            *_tables(answer),
            "<h2>Who and what is in it</h2>",
            *_entities(answer),
            "</main></body></html>",
        ]
    )


def _tables(answer: NetworkAnswer) -> Iterator[str]:
    ends = {tie.association_id: (tie.from_entity, tie.to_entity) for tie in answer.network.ties}
    for kind, title in _SECTIONS:
        grouped = by_basis(answer.lines.values(), kind)
        yield f"<h3>{escape(title)}</h3>" if grouped else ""
        for basis, lines in grouped.items():
            says = f"{basis.replace('_', ' ')}: {basis_table()[basis].says}"
            cells = (_cells(answer, line, ends[line.association_id]) for line in lines)
            yield table(says, _HEADINGS, cells)


def _cells(answer: NetworkAnswer, line: Line, ends: tuple[str, str]) -> Sequence[str]:
    record = line.record
    named = f"{str(record['record_kind']).replace('_', ' ')} {record['number'] or ''}".strip()
    rests = [basis_words(line), named, f"version {record['version']}"]
    rests += [f"grade: {line.grade}"] if line.grade else []
    rests += [f"court: {line.disposition}"] if line.disposition else []
    marked = [f"<span class='mark'>{escape(each)}</span>" for each in marks(line)]
    marked += [f"does not lead on: {escape(line.way)}"] if line.way else []
    start, end = (f"{escape(answer.captions[each])}<br>{short(each)}" for each in ends)
    owner = [
        line.department,
        *contact_lines(line.contact),
        in_words(line.standing, line.department),
    ]
    return (
        escape(line.sentence), start, end, "<br>".join(map(escape, rests)),
        f"{escape(line.days)}<br>{escape(line.ends)}", "<br>".join(marked),
        "<br>".join(map(escape, owner)),
    )  # fmt: skip


def _entities(answer: NetworkAnswer) -> Iterator[str]:
    rows = (
        (escape(answer.captions[node.entity_id]), node.kind, str(node.distance), node.entity_id)
        for node in answer.network.nodes
    )
    yield table("Entities, the nearest first", ("Called", "Kind", "Steps away", "Id"), rows)


def table(caption: str, headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Give a table; `rows` are HTML already, caption and headings are text."""
    head = "".join(f"<th scope='col'>{escape(each)}</th>" for each in headings)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return (
        f"<table><caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead>"
        f"<tbody>{body}</tbody></table>"
    )
