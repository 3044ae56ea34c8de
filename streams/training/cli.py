"""`recordbus resolution`: train a person model on files of people, and check a model file."""

from __future__ import annotations

import importlib.util
import itertools
import json
from importlib import resources
from importlib.metadata import version as version_of
from pathlib import Path
from typing import Annotated, Any

import typer

from recordbus.errors import Misconfigured, RecordbusError
from streams.resolution.mentions import PersonMention
from streams.resolution.model import Model
from streams.resolution.model_gates import broken_gates
from streams.resolve.cli import load_model, read_people
from streams.training.model_file import described, text_of, trained_model, with_gates
from streams.training.parity import replay, vectors_of

resolution = typer.Typer(
    add_completion=False,
    help="Train and check the models that decide who is one person.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
_PARITY_PAIRS = 20_000
_VECTORS = 400


@resolution.command()
def train(
    inputs: Annotated[list[Path], typer.Argument(help="CSV files as `recordbus resolve` reads.")],
    output: Annotated[Path, typer.Option("--output", help="Where to write the model file.")],
    name: Annotated[str, typer.Option("--version", help="What the model is called.")],
    says: Annotated[str, typer.Option("--says", help="What the data is, in a sentence.")],
    base: Annotated[
        Path | None,
        typer.Option("--base", help="Whose thresholds, names and rare levels are kept."),
    ] = None,
    share: Annotated[
        float, typer.Option("--share", min=0, max=1, help="How much of m the data decides.")
    ] = 0.5,
    random_pairs: Annotated[
        int, typer.Option("--random-pairs", min=1000, help="Random pairs that u is taken from.")
    ] = 1_000_000,
    seed: Annotated[int, typer.Option("--seed", help="The same seed gives the same file.")] = 1,
    date_format: Annotated[
        str | None, typer.Option("--date-format", help="How dates are written: %m/%d/%Y, say.")
    ] = None,
    vectors: Annotated[
        Path | None, typer.Option("--vectors", help="Where to write pairs as Splink scores them.")
    ] = None,
) -> None:
    """Estimate the weights of a person model from unlabelled records, with Splink.

    It needs no truth, writes no value of any record into the model, and writes nothing unless the
    model passes the release gates and scores a sample of pairs as Splink does.
    """
    estimation = _estimation()
    mentions = read_people(inputs, date_format).mentions
    based = _published() if base is None else load_model(base)
    trained = estimation.train(mentions, random_pairs, seed)
    said = described(mentions, {path.name: path.read_bytes() for path in inputs}) | {
        "says": says,
        "how": "u from random pairs of different people, m by EM without labels",
        "splink": version_of("splink"),
        "random_pairs": random_pairs,
        "people_apart": trained.thinned,
        "seed": seed,
    }
    model = _passing(trained_model(based, trained.estimates, share, name, said))
    scored = list(itertools.islice(estimation.score(mentions, model), _PARITY_PAIRS))
    model = with_gates(model, replay(mentions, model, scored), len(scored))
    output.write_text(text_of(model), encoding="utf-8")
    if vectors is not None:
        _write_vectors(vectors, mentions, model, scored[:: max(1, len(scored) // _VECTORS)])
    typer.echo(f"{output}: {name}, {model.hash[:16]}, trained on {len(mentions):,} records")


@resolution.command()
def check(
    path: Annotated[Path, typer.Argument(help="A model file of persons.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Say which model a file holds, and whether it passes the release gates."""
    model = load_model(path)
    broken = broken_gates(model)
    if as_json:
        told = {"version": model.version, "hash": model.hash, "broken": broken}
        typer.echo(json.dumps(told))
    else:
        typer.echo(f"{model.version} {model.hash}")
        typer.echo("\n".join(broken) if broken else "passes the release gates")
    if broken:
        raise typer.Exit(1)


def _published() -> Model:
    """Give the model set by hand from published error rates, from which training starts."""
    return Model.load(resources.files(__package__).joinpath("base.json").read_text("utf-8"))


def _passing(model: Model) -> Model:
    broken = broken_gates(model)
    if broken:
        raise RecordbusError(
            f"the model does not pass: {'; '.join(broken)}",
            hint="train on more records, or with a smaller --share",
        )
    return model


def _write_vectors(
    path: Path, mentions: list[PersonMention], model: Model, scored: list[Any]
) -> None:
    """Write levels, frequencies and Splink's score of pairs; no value of a record."""
    told = {
        "splink": version_of("splink"),
        "model": model.raw,
        "pairs": vectors_of(mentions, model, scored),
    }
    path.write_text(json.dumps(told) + "\n", encoding="utf-8")


def _estimation() -> Any:
    """Import what needs Splink, or say how to get it."""
    if importlib.util.find_spec("splink") is None:
        raise Misconfigured(
            "training needs Splink, which is not installed",
            hint="install recordbus with its extra `train`",
        )
    from streams.training import estimation

    return estimation
