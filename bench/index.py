"""How fast the search index takes documents: building them, and storing them.

A document is a record with two people, a vehicle, a place and a 40-word narrative: five rows of
mentions and the record's own. Batches of 1,000 as the indexer's, every commit included. Run:
`python -m bench.index [records]`.
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, cast

from bench.search_corpus import Corpus
from consumers.assembly import prepare_worker
from consumers.search.document import Document
from consumers.search.documents import document, microseconds
from consumers.search.engines.sqlite.writer import SqliteIndex
from consumers.sink import Change, Progress
from schemas.types import Record

BATCH = 1000


def change(record: dict[str, Any]) -> Change[Document]:
    """Give the change that a record makes."""
    return Change(
        bytes.fromhex(record["record_key"]), "intake/0", record["version"],
        document(cast(Record, record)), record["department"],
        microseconds(record["published_at"]),
    )  # fmt: skip


def fill(path: Path, count: int, seed: int = 1) -> dict[str, float]:
    """Fill an index; give seconds of wall clock and of this process for each step."""
    index = SqliteIndex(path)
    corpus = Corpus(seed)
    spent = {"build_cpu": 0.0, "store_cpu": 0.0, "build_wall": 0.0, "store_wall": 0.0}
    for start in range(0, count, BATCH):
        records = [corpus.record(number) for number in range(start, min(start + BATCH, count))]
        cpu, wall = time.process_time(), time.perf_counter()
        changes = [change(record) for record in records]
        spent["build_cpu"] += time.process_time() - cpu
        spent["build_wall"] += time.perf_counter() - wall
        cpu, wall = time.process_time(), time.perf_counter()
        index.apply(changes, {("records.v1", 0): Progress(start + BATCH, 1)})
        spent["store_cpu"] += time.process_time() - cpu
        spent["store_wall"] += time.perf_counter() - wall
    index.settle()
    index.close()
    return spent


def main() -> None:
    """Measure and print one JSON object."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 50_000
    prepare_worker()
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "records.sqlite"
        spent = fill(path, count)
        size = path.stat().st_size
    both_cpu = spent["build_cpu"] + spent["store_cpu"]
    both_wall = spent["build_wall"] + spent["store_wall"]
    told = {
        "documents": count,
        "shape": "2 people, 1 vehicle, 1 place, 40-word narrative",
        "stored_per_second": round(count / spent["store_wall"]),
        "built_and_stored_per_second": round(count / both_wall),
        "stored_per_cpu_second": round(count / spent["store_cpu"]),
        "built_and_stored_per_cpu_second": round(count / both_cpu),
        "bytes_per_document": round(size / count),
        "max_resident_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main()
