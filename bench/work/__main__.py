"""`python -m bench.work`: the stages' pure work on our runtime and on its neighbours, in one run.

    python -m bench.work [--records 10000] [--rounds 3] [--only ours bare]

Meet, identify and associate, as three processes, take in what intake says of a county's records,
on a real Kafka with everything on one machine. All engines run the same pure code over the same
log and must end with the same content of the public topics, byte for byte; that content is worked
out beforehand without any engine. The rounds go through all engines in turn; the median counts.
What an engine does not do besides stands in its module.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path
from statistics import median
from typing import Any, Final

from bench.stage.environments import python_for, versions
from bench.work.load import load_of
from bench.work.runs import OURS, Engine, Run, Runs
from bench.workers import register_schemas
from recordbus.local.servers import LocalServers

ENGINES: Final = (
    Engine("recordbus stages", OURS, exactly_once=True),
    Engine("plain Faust", "plain_faust", exactly_once=False),
    Engine("plain Faust, exactly once", "plain_faust", exactly_once=True),
    Engine("Quix Streams", "quix", exactly_once=False),
    Engine("Quix Streams, exactly once", "quix", exactly_once=True),
    Engine("bare confluent-kafka", "bare", exactly_once=False),
    Engine("bare confluent-kafka, exactly once", "bare", exactly_once=True),
)
_WARM_UP: Final = 500


def main() -> None:
    """Measure, and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", nargs="*", help="modules of the engines to run")
    asked = parser.parse_args()
    engines = [each for each in ENGINES if not asked.only or each.module in asked.only]
    print(json.dumps(measured(engines, asked.records, asked.rounds), indent=1))


def measured(engines: list[Engine], records: int, rounds: int) -> dict[str, Any]:
    """Run every engine in every round."""
    found: dict[str, list[Run]] = {engine.title: [] for engine in engines}
    with LocalServers() as servers, tempfile.TemporaryDirectory() as directory:
        register_schemas(servers)
        registry = servers.schema_registry()
        load = load_of(registry, records, _WARM_UP, int(time.time() * 1000))
        registry.close()
        runs = Runs(servers, load, Path(directory))
        for _ in range(rounds):
            for engine in engines:
                one = runs.run(engine)
                found[engine.title].append(one)
                sys.stderr.write(f"{engine.title}: {asdict(one)}\n")
    rows = [_row(engine, found[engine.title], records) for engine in engines]
    ours = next((row["records_per_second"] for row in rows if row["title"] == _OURS), None)
    for row in rows:
        speed = row["records_per_second"]
        row["ours_times"] = round(ours / speed, 2) if ours and speed else None
    return {
        "records": records,
        "rounds": rounds,
        "work_us": round(load.work_microseconds, 1),
        "public_messages": load.rest.said - load.warm_up.said,
        "rows": rows,
        "versions": versions(python_for("quix"), ["quixstreams"]),
    }


_OURS: Final = ENGINES[0].title


def _row(engine: Engine, runs: list[Run], records: int) -> dict[str, Any]:
    """Give an engine's figures: the medians of the runs that ended well, the worst of the others.

    The keys that are wrong in the end and the messages that are too many are those of the worst.
    """
    well = [run for run in runs if run.seconds is not None]
    return {
        "title": engine.title,
        "finished": len(well),
        "records_per_second": _median([records / (run.seconds or 1) for run in well], 0),
        "cpu_us": _median([(run.cpu_seconds or 0) / records * 1e6 for run in well], 0),
        "broker_us": _median([(run.broker_cpu_seconds or 0) / records * 1e6 for run in well], 0),
        "resident_mib": max(run.resident_mib for run in runs),
        "wrong_keys": max(run.wrong_keys for run in runs),
        "surplus_messages": max(run.surplus_messages for run in runs),
    }


def _median(values: list[float], digits: int) -> float | None:
    return round(median(values), digits) if values else None


if __name__ == "__main__":
    main()
