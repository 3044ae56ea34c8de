"""A network as an SVG picture that explains itself: legend, who asked, what is left out (pure)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from consumers.search.inquiry.lines import Line
from consumers.search.inquiry.network import Node
from consumers.search.inquiry.service import NetworkAnswer
from consumers.search.inquiry.show import marks
from consumers.search.picture.layout import Layout, Point
from consumers.search.picture.notes import handling, notes
from consumers.search.picture.style import DOUBLE, INSIDE, LETTERS, SINGLE, STROKES, Stroke
from consumers.search.statements import StoredTie

LONGEST_LABEL: Final = 26
_LINE_HEIGHT: Final = 18
_LEGEND_WIDTH: Final = 330
_BEND: Final = 26.0
_NAMESPACE: Final = "http://www.w3.org/2000/svg"
_FONT: Final = "font-family='DejaVu Sans, Verdana, sans-serif'"


def svg(answer: NetworkAnswer, places: Layout) -> str:
    """Give the picture as one SVG document."""
    header = [*notes(answer), f"Handling: {handling(answer.lines.values())}"]
    top = 24 + _LINE_HEIGHT * len(header)
    legend = list(_legend(answer))
    width = places.width + _LEGEND_WIDTH
    height = top + max(places.height, _LINE_HEIGHT * len(legend) + 40)
    title = f"Network of {answer.captions[answer.network.centre]}"
    size = f"width='{width:.0f}' height='{height:.0f}' viewBox='0 0 {width:.0f} {height:.0f}'"
    parts = [
        f"<svg xmlns='{_NAMESPACE}' {size} role='img' aria-label={quoteattr(title)} {_FONT}>",
        f"<title>{escape(title)}</title>",
        "<rect width='100%' height='100%' fill='#ffffff'/>",
        *(_text(16, 24 + _LINE_HEIGHT * n, each, 13) for n, each in enumerate(header)),
        f"<g transform='translate(0 {top})'>",
        *_ties(answer, places),
        *(_node(node, places.places[node.entity_id], answer) for node in answer.network.nodes),
        f"<g transform='translate({places.width:.0f} 20)'>",
        *(line.format(y=_LINE_HEIGHT * n) for n, line in enumerate(legend)),
        "</g></g></svg>",
    ]
    return "\n".join(parts)


def _ties(answer: NetworkAnswer, places: Layout) -> Iterator[str]:
    """Draw ties; those between the same two entities bend away from each other."""
    between: dict[tuple[str, str], list[StoredTie]] = {}
    for tie in answer.network.ties:
        if tie.association_id in answer.lines:
            pair = (min(tie.from_entity, tie.to_entity), max(tie.from_entity, tie.to_entity))
            between.setdefault(pair, []).append(tie)
    for (start, end), ties in between.items():
        middle = (len(ties) - 1) / 2
        for number, tie in enumerate(ties):
            line = answer.lines[tie.association_id]
            bend = (number - middle) * _BEND
            yield _tie(line, places.places[start], places.places[end], bend)


def _tie(line: Line, start: Point, end: Point, bend: float) -> str:
    stroke = STROKES[line.basis]
    away_x, away_y = end.y - start.y, start.x - end.x
    length = max((away_x**2 + away_y**2) ** 0.5, 1.0)
    bent = Point(
        (start.x + end.x) / 2 + away_x / length * bend * 2,
        (start.y + end.y) / 2 + away_y / length * bend * 2,
    )
    path = f"M{start.x} {start.y} Q{bent.x:.1f} {bent.y:.1f} {end.x} {end.y}"
    at = Point((start.x + end.x + 2 * bent.x) / 4, (start.y + end.y + 2 * bent.y) / 4)
    label = " ".join([stroke.letters, *(_short_mark(each) for each in marks(line))])
    return (
        f"<g><title>{escape(line.sentence)}</title>{_strokes(path, stroke, line.evidence_kind)}"
        f"{_tag(at, label, stroke)}</g>"
    )


def _strokes(path: str, stroke: Stroke, evidence_kind: str) -> str:
    """Draw a line: one for a fact, two thin ones for an assessment."""
    dashes = f" stroke-dasharray='{stroke.dashes}'" if stroke.dashes else ""
    plain = f"<path d='{path}' fill='none' stroke='{{0}}' stroke-width='{{1}}'{{2}}/>"
    if evidence_kind == "fact":
        return plain.format(stroke.colour, SINGLE, dashes)
    return plain.format(stroke.colour, DOUBLE, dashes) + plain.format("#ffffff", INSIDE, "")


def _tag(at: Point, label: str, stroke: Stroke) -> str:
    width = 7 * len(label) + 6
    return (
        f"<rect x='{at.x - width / 2:.1f}' y='{at.y - 8:.1f}' width='{width}' height='14' "
        f"fill='#ffffff' fill-opacity='0.9'/>"
        f"<text x='{at.x:.1f}' y='{at.y + 3:.1f}' font-size='10' text-anchor='middle' "
        f"fill='{stroke.colour}'>{escape(label)}</text>"
    )


def _short_mark(mark: str) -> str:
    return mark.partition(" ")[0]


def _node(node: Node, at: Point, answer: NetworkAnswer) -> str:
    caption = answer.captions[node.entity_id]
    is_centre = node.entity_id == answer.network.centre
    weight = 3.5 if is_centre else 1.5
    label = caption if len(caption) <= LONGEST_LABEL else f"{caption[: LONGEST_LABEL - 1]}…"
    return (
        f"<g><title>{escape(f'{node.kind}: {caption}')}</title>{shape(node.kind, at, weight)}"
        f"<text x='{at.x}' y='{at.y + 4}' font-size='11' text-anchor='middle'>"
        f"{LETTERS[node.kind]}</text>"
        f"<text x='{at.x}' y='{at.y + 31}' font-size='12' text-anchor='middle' "
        f"font-weight='{'bold' if is_centre else 'normal'}' stroke='#ffffff' stroke-width='3' "
        f"paint-order='stroke'>{escape(label)}</text></g>"
    )


def shape(kind: str, at: Point, weight: float) -> str:
    """Draw the shape of a kind of entity around a place."""
    look = f"fill='#f4f4f0' stroke='#1b1b1b' stroke-width='{weight}'"
    x, y = at
    if kind == "person":
        return f"<circle cx='{x}' cy='{y}' r='15' {look}/>"
    half = {"vehicle": (20, 12), "phone": (11, 11), "matter": (12, 16)}.get(kind)
    if half is not None:
        wide, high = half
        return (f"<rect x='{x - wide}' y='{y - high}' width='{2 * wide}' height='{2 * high}' "
                f"{look}/>")  # fmt: skip
    corners = {
        "organisation": [(0, -17), (17, 0), (0, 17), (-17, 0)],
        "location": [(0, -18), (18, 13), (-18, 13)],
    }[kind]
    points = " ".join(f"{x + dx},{y + dy}" for dx, dy in corners)
    return f"<polygon points='{points}' {look}/>"


def _legend(answer: NetworkAnswer) -> Iterator[str]:
    """Give the lines of the legend, each with `{y}` where its height goes."""
    shown = list(answer.lines.values())
    yield _legend_text("A single line is a fact: it happened or is registered.")
    yield _legend_text("A double line is an assessment: somebody's word.")
    for basis, stroke in STROKES.items():
        kinds = sorted({each.evidence_kind for each in shown if each.basis == basis})
        for kind in kinds:
            path = "M0 0 L60 0"
            drawn = _strokes(path, stroke, kind)
            text = f"{stroke.letters}: {basis.replace('_', ' ')} ({kind})"
            yield f"<g transform='translate(0 {{y}})'>{drawn}</g>" + _legend_text(text, 70)
    for kind in dict.fromkeys(node.kind for node in answer.network.nodes):
        yield _legend_text(f"{LETTERS[kind]}: {kind}")
    for word, says in _marked(shown):
        yield _legend_text(f"{word}: {says}")


def _marked(lines: Sequence[Line]) -> Iterator[tuple[str, str]]:
    told = {_short_mark(mark) for line in lines for mark in marks(line)}
    says = {
        "FROZEN": "disputed; not to be used until resolved",
        "DISPUTED": "somebody disputes it",
        "JUVENILE": "somebody may have been under age",
    }
    return ((word, text) for word, text in says.items() if word in told)


def _legend_text(text: str, x: int = 0) -> str:
    return f"<text x='{x}' y='{{y}}' dy='4' font-size='12'>{_braced(escape(text))}</text>"


def _braced(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


def _text(x: float, y: float, text: str, size: int) -> str:
    return f"<text x='{x}' y='{y}' font-size='{size}'>{escape(text)}</text>"
