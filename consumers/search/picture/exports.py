"""A network as data: GraphML for other programs, CSV for a spreadsheet."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from io import BytesIO, StringIO
from typing import Final

import networkx

from consumers.search.answers import as_json as standing_as_json
from consumers.search.inquiry.service import NetworkAnswer
from consumers.search.inquiry.show import basis_words, contact_lines, marks
from consumers.search.picture.notes import handling, notes

COLUMNS: Final = (
    "from", "from_id", "to", "to_id", "says", "type", "basis", "evidence_kind", "grade", "days",
    "ends", "disposition", "marks", "leads_on", "record_kind", "record_number", "record_key",
    "record_version", "department", "owner_ori", "contact", "verification", "association_id",
)  # fmt: skip
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def csv_text(answer: NetworkAnswer) -> str:
    """Give the ties as CSV, one a row, with who asked and what is left out in lines above."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    for note in [*notes(answer), f"Handling: {handling(answer.lines.values())}"]:
        writer.writerow([safe_cell(f"# {note}")])
    writer.writerow(COLUMNS)
    for row in rows(answer):
        writer.writerow([safe_cell(row[column]) for column in COLUMNS])
    return out.getvalue()


def graphml(answer: NetworkAnswer) -> str:
    """Give entities and ties as GraphML; each tie stays one of its own (R-06)."""
    graph: networkx.MultiDiGraph[str] = networkx.MultiDiGraph(
        notes="\n".join(notes(answer)), handling=handling(answer.lines.values())
    )
    for node in answer.network.nodes:
        caption = answer.captions[node.entity_id]
        graph.add_node(node.entity_id, label=caption, kind=node.kind, distance=node.distance)
    for row in rows(answer):
        told = {name: value for name, value in row.items() if name not in ("from", "to")}
        graph.add_edge(row["from_id"], row["to_id"], key=row["association_id"], **told)
    out = BytesIO()
    networkx.write_graphml(graph, out, encoding="utf-8")
    return out.getvalue().decode()


def rows(answer: NetworkAnswer) -> Iterable[dict[str, str]]:
    """Yield each tie with all that it rests on, as text."""
    for tie in answer.network.ties:
        line = answer.lines.get(tie.association_id)
        if line is None:
            continue
        captions, record = answer.captions, line.record
        yield {
            "from": captions[tie.from_entity], "from_id": tie.from_entity,
            "to": captions[tie.to_entity], "to_id": tie.to_entity, "says": line.sentence,
            "type": line.type, "basis": basis_words(line), "evidence_kind": line.evidence_kind,
            "grade": line.grade or "", "days": line.days, "ends": line.ends,
            "disposition": line.disposition or "", "marks": "; ".join(marks(line)),
            "leads_on": "no" if line.way else "yes", "record_kind": record["record_kind"],
            "record_number": record["number"] or "", "record_key": record["record_key"],
            "record_version": str(record["version"]), "department": line.department,
            "owner_ori": line.owner_ori, "contact": "; ".join(contact_lines(line.contact)),
            "verification": line.standing.state,
            "answered_at": standing_as_json(line.standing)["answered_at"] or "",
            "association_id": line.association_id,
        }  # fmt: skip


def safe_cell(text: str) -> str:
    """Give a cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text
