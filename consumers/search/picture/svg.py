"""A network as an SVG picture that explains itself: legend, who asked, what is left out (pure)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple
from xml.sax.saxutils import escape, quoteattr

from consumers.search.inquiry.lines import Line
from consumers.search.inquiry.network import Node
from consumers.search.inquiry.service import NetworkAnswer
from consumers.search.inquiry.show import marks
from consumers.search.picture.layout import Layout, Point
from consumers.search.picture.notes import handling, notes
from consumers.search.picture.style import DOUBLE, INSIDE, LETTERS, SINGLE, STROKES, Stroke
from consumers.search.statements import StoredTie
from consumers.search.ties import CO_PRESENCE, NOT_THEIR_CHOICE

LONGEST_LABEL: Final = 26
_LINE_HEIGHT: Final = 18
_LEGEND_WIDTH: Final = 350
_COLUMNS: Final = 3
_LEAST_WIDTH: Final = 3.0 * _LEGEND_WIDTH + 16
_BEND: Final = 42.0
_SHARES: Final = (0.5, 0.42, 0.58, 0.34, 0.66, 0.27, 0.73)
"""At which share of a line its letters may stand, the best first."""
_ENOUGH_ROOM: Final = 30.0
SEEN: Final = "SEEN"
HELD: Final = "HELD"
_NAMESPACE: Final = "http://www.w3.org/2000/svg"
_FONT: Final = "font-family='DejaVu Sans, Verdana, sans-serif'"


def svg(answer: NetworkAnswer, places: Layout) -> str:
    """Give the picture as one SVG document: notes and legend above, the network below."""
    header = [*notes(answer), f"Handling: {handling(answer.lines.values())}"]
    legend = list(_legend(answer))
    width = max(places.width, _LEAST_WIDTH)
    below_notes = 24 + _LINE_HEIGHT * len(header)
    top = below_notes + _LINE_HEIGHT * (math.ceil(len(legend) / _COLUMNS) + 1)
    left = (width - places.width) / 2
    title = f"Network of {answer.captions[answer.network.centre]}"
    whole = Point(round(width), round(top + places.height))
    size = f"width='{whole.x}' height='{whole.y}' viewBox='0 0 {whole.x} {whole.y}'"
    lines, tags = _ties(answer, places)
    standing = [(node, places.places[node.entity_id]) for node in answer.network.nodes]
    parts = [
        f"<svg xmlns='{_NAMESPACE}' {size} role='img' aria-label={quoteattr(title)} {_FONT}>",
        f"<title>{escape(title)}</title>",
        "<rect width='100%' height='100%' fill='#ffffff'/>",
        *(_text(16, 24 + _LINE_HEIGHT * n, each, 13) for n, each in enumerate(header)),
        *(_in_columns(legend, below_notes)),
        f"<g transform='translate({left:.0f} {top})'>",
        *lines,
        *(_node(node, at, answer) for node, at in standing),
        *tags,
        *(_label(node, at, answer) for node, at in standing),
        "</g></svg>",
    ]
    return "\n".join(parts)


def _in_columns(legend: Sequence[str], top: int) -> Iterator[str]:
    """Put the lines of the legend beside each other, as many in each column."""
    high = math.ceil(len(legend) / _COLUMNS)
    for number, line in enumerate(legend):
        column, row = divmod(number, high)
        at = f"{16 + column * _LEGEND_WIDTH} {top + row * _LINE_HEIGHT}"
        yield f"<g transform='translate({at})'>{line}</g>"


class _Bow(NamedTuple):
    """A tie on its way between two places, bent towards a third."""

    start: Point
    bent: Point
    end: Point

    def at(self, share: float) -> Point:
        """Give the place at a share of the way."""
        rest = 1 - share
        parts = (rest * rest, 2 * rest * share, share * share)
        x, y = (sum(p * at[axis] for p, at in zip(parts, self, strict=True)) for axis in (0, 1))
        return Point(round(x, 1), round(y, 1))


def _ties(answer: NetworkAnswer, places: Layout) -> tuple[list[str], list[str]]:
    """Draw ties, and the letters at them, which go where nothing else stands.

    Ties between the same two entities bend away from each other.
    """
    between: dict[tuple[str, str], list[StoredTie]] = {}
    for tie in answer.network.ties:
        if tie.association_id in answer.lines:
            pair = (min(tie.from_entity, tie.to_entity), max(tie.from_entity, tie.to_entity))
            between.setdefault(pair, []).append(tie)
    taken = list(places.places.values())
    lines, tags = [], []
    for (start, end), ties in between.items():
        for number, tie in enumerate(ties):
            line = answer.lines[tie.association_id]
            bend = (number - (len(ties) - 1) / 2) * _BEND
            bow = _bow(places.places[start], places.places[end], bend)
            stroke = STROKES[line.basis]
            title = f"<title>{escape(line.sentence)}</title>"
            lines.append(f"<g>{title}{_strokes(_path(bow), stroke, line.evidence_kind)}</g>")
            at = max(map(bow.at, _SHARES), key=lambda point: _room(point, taken))
            taken.append(at)
            label = " ".join([stroke.letters, *_words(line)])
            tags.append(f"<g>{title}{_tag(at, label, stroke)}</g>")
    return lines, tags


def _bow(start: Point, end: Point, bend: float) -> _Bow:
    away_x, away_y = end.y - start.y, start.x - end.x
    length = max(math.hypot(away_x, away_y), 1.0)
    x = (start.x + end.x) / 2 + away_x / length * bend * 2
    y = (start.y + end.y) / 2 + away_y / length * bend * 2
    return _Bow(start, Point(round(x, 1), round(y, 1)), end)


def _path(bow: _Bow) -> str:
    start, bent, end = bow
    return f"M{start.x} {start.y} Q{bent.x} {bent.y} {end.x} {end.y}"


def _room(at: Point, taken: Sequence[Point]) -> float:
    """Give how far a place is from all that is taken, no more than is needed; labels are wide."""
    near = min(math.hypot((at.x - other.x) / 2, at.y - other.y) for other in taken)
    return min(near, _ENOUGH_ROOM)


def _strokes(path: str, stroke: Stroke, evidence_kind: str) -> str:
    """Draw a line: one for a fact, two thin ones for an assessment."""
    dashes = f" stroke-dasharray='{stroke.dashes}'" if stroke.dashes else ""
    plain = f"<path d='{path}' fill='none' stroke='{{0}}' stroke-width='{{1}}'{{2}}/>"
    if evidence_kind == "fact":
        return plain.format(stroke.colour, SINGLE, dashes)
    return plain.format(stroke.colour, DOUBLE, dashes) + plain.format("#ffffff", INSIDE, "")


def _tag(at: Point, label: str, stroke: Stroke) -> str:
    """Put letters on a line, framed when they say more than the basis."""
    width = 7 * len(label) + 6
    edge = f" stroke='{stroke.colour}'" if " " in label else ""
    return (
        f"<rect x='{at.x - width / 2:.1f}' y='{at.y - 8:.1f}' width='{width}' height='14' "
        f"fill='#ffffff' fill-opacity='0.9'{edge}/>"
        f"<text x='{at.x:.1f}' y='{at.y + 3:.1f}' font-size='10' text-anchor='middle' "
        f"fill='{stroke.colour}'>{escape(label)}</text>"
    )


def _words(line: Line) -> list[str]:
    """Give the words at a line: what keeps it from being taken for a tie between associates."""
    capacity = [SEEN] if line.type in CO_PRESENCE else []
    capacity += [HELD] if line.type in NOT_THEIR_CHOICE else []
    capacity += [name.upper() for name in ("victim", "witness") if name in line.categories]
    return [*capacity, *(mark.partition(" ")[0] for mark in marks(line))]


def _node(node: Node, at: Point, answer: NetworkAnswer) -> str:
    weight = 3.5 if node.entity_id == answer.network.centre else 1.5
    title = f"{node.kind}: {answer.captions[node.entity_id]}"
    return (
        f"<g><title>{escape(title)}</title>{shape(node.kind, at, weight)}"
        f"<text x='{at.x}' y='{at.y + 4}' font-size='11' text-anchor='middle'>"
        f"{LETTERS[node.kind]}</text></g>"
    )


def _label(node: Node, at: Point, answer: NetworkAnswer) -> str:
    """Name an entity below its place, on white, so that it is read over any line."""
    caption = answer.captions[node.entity_id]
    weight = "bold" if node.entity_id == answer.network.centre else "normal"
    text = caption if len(caption) <= LONGEST_LABEL else f"{caption[: LONGEST_LABEL - 1]}…"
    return (
        f"<text x='{at.x}' y='{at.y + 31}' font-size='12' text-anchor='middle' "
        f"font-weight='{weight}' stroke='#ffffff' stroke-width='3' paint-order='stroke'>"
        f"{escape(text)}</text>"
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
    """Give the lines of the legend, each as if it were the only one."""
    shown = list(answer.lines.values())
    yield _text(0, 4, "single line: a fact, it happened or is registered", 12)
    yield _text(0, 4, "double line: an assessment, somebody's word", 12)
    for basis, stroke in STROKES.items():
        for kind in sorted({each.evidence_kind for each in shown if each.basis == basis}):
            text = f"{stroke.letters}: {basis.replace('_', ' ')} ({kind})"
            yield _strokes("M0 0 L50 0", stroke, kind) + _text(58, 4, text, 12)
    for node_kind in dict.fromkeys(node.kind for node in answer.network.nodes):
        yield _text(0, 4, f"{LETTERS[node_kind]}: {node_kind}", 12)
    for word, says in _marked(shown):
        yield _text(0, 4, f"{word}: {says}", 12)


def _marked(lines: Sequence[Line]) -> Iterator[tuple[str, str]]:
    told = {word for line in lines for word in _words(line)}
    says = {
        SEEN: "at one field contact; says nothing more",
        HELD: "held or supervised there, not by choice",
        "VICTIM": "somebody is a victim there",
        "WITNESS": "somebody is a witness there",
        "FROZEN": "disputed; not to be used until resolved",
        "DISPUTED": "somebody disputes it",
        "JUVENILE": "somebody may have been under age",
    }
    return ((word, text) for word, text in says.items() if word in told)


def _text(x: float, y: float, text: str, size: int) -> str:
    return f"<text x='{x}' y='{y}' font-size='{size}'>{escape(text)}</text>"
