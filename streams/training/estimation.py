"""Splink over our own comparison: what it estimates, and what it scores.

Splink sees a table of places and blocking columns. The levels of a pair come from `compare`,
through one function that DuckDB calls, so training looks at exactly what the bus looks at.
"""

from __future__ import annotations

import json
import logging
import warnings
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple

import duckdb  # type: ignore[import-not-found]
import pandas as pd  # type: ignore[import-untyped]
from splink import (  # type: ignore[import-not-found]
    DuckDBAPI,
    Linker,
    SettingsCreator,
    block_on,
)
from splink.comparison_library import CustomComparison  # type: ignore[import-not-found]

from streams.resolution.comparison import compare
from streams.resolution.evidence import Field
from streams.resolution.fields import FIELDS, TERMS
from streams.resolution.mentions import PersonMention
from streams.resolution.model import EXACT, Model
from streams.training.blend import Estimate
from streams.training.sample import blocking_values, thinned

SESSIONS: Final = (("given_name", "surname"), ("date_of_birth",), ("identifier",))
"""What pairs are blocked on, one estimation each; a field that is blocked on is not estimated."""
_FUNCTION: Final = "recordbus_levels"
_BITS_A_LEVEL: Final = 4
_PAIRS_KEPT: Final = 1 << 17
_LEAST_SEEN: Final = 20


class Trained(NamedTuple):
    """What Splink made of some mentions: estimates by field and level, and how it got there."""

    estimates: dict[str, dict[str, Estimate]]
    mentions: int
    thinned: int
    random_pairs: int


class Scored(NamedTuple):
    """A pair as Splink scored it: places of the two mentions, and its match weight in bits."""

    a: int
    b: int
    bits: float


def train(mentions: Sequence[PersonMention], random_pairs: int, seed: int) -> Trained:
    """Estimate u from random pairs of different people, then m by EM, session by session."""
    apart = list(thinned(mentions))
    of_u = _linker(apart, _settings())
    of_u.training.estimate_u_using_random_sampling(max_pairs=random_pairs, seed=seed)
    u = _shares(of_u, "u_probability")
    linker = _linker(mentions, _settings(u=u))
    for columns in SESSIONS:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            linker.training.estimate_parameters_using_expectation_maximisation(block_on(*columns))
    m = _shares(linker, "m_probability")
    estimates = {
        field.name: {
            level: Estimate(m[field.name][level], _if_seen(u[field.name][level], random_pairs))
            for level in field.levels[1:]
        }
        for field in _fields()
    }
    return Trained(estimates, len(mentions), len(apart), random_pairs)


def score(mentions: Sequence[PersonMention], model: Model) -> Iterator[Scored]:
    """Let Splink score every pair that meets in a session, under a model of ours."""
    linker = _linker(mentions, _settings(model), model)
    scored = linker.inference.predict().as_pandas_dataframe()
    for row in scored[["place_l", "place_r", "match_weight"]].itertuples(index=False):
        yield Scored(int(row.place_l), int(row.place_r), float(row.match_weight))


def _fields() -> list[Field]:
    return [field for field in FIELDS["person"] if field.weighed]


def _if_seen(share: float | None, pairs: int) -> float | None:
    """Give a share, unless it rests on too few pairs to say anything."""
    return share if share is not None and share * pairs >= _LEAST_SEEN else None


def _shares(linker: Any, what: str) -> dict[str, dict[str, float | None]]:
    settings: dict[str, Any] = json.loads(json.dumps(linker.misc.save_model_to_json()))
    return {
        comparison["output_column_name"]: {
            level["label_for_charts"]: level.get(what)
            for level in comparison["comparison_levels"]
            if not level.get("is_null_level")
        }
        for comparison in settings["comparisons"]
    }


def _linker(mentions: Sequence[PersonMention], settings: Any, model: Model | None = None) -> Any:
    """Make a linker over mentions, with the function that tells the levels of two of them."""
    table = pd.DataFrame([blocking_values(each) for each in mentions])
    table["place"] = range(len(mentions))
    connection = duckdb.connect()
    connection.execute("SET threads = 1")  # Python decides the speed, and sampling repeats itself

    @lru_cache(maxsize=_PAIRS_KEPT)
    def levels(a: int, b: int) -> int:
        found = compare(mentions[a], mentions[b]).levels
        return sum(level << _BITS_A_LEVEL * place for place, level in enumerate(found))

    connection.create_function(_FUNCTION, levels, ["BIGINT", "BIGINT"], "BIGINT")
    linker = Linker(table, settings, db_api=DuckDBAPI(connection=connection))
    logging.getLogger("splink").setLevel(logging.ERROR)  # it says much, and resets this
    for name, values in {} if model is None else _frequencies(table, model).items():
        linker.table_management.register_term_frequency_lookup(values, name)
    return linker


def _frequencies(table: pd.DataFrame, model: Model) -> dict[str, pd.DataFrame]:
    """Give the model's frequency of every name in the table, as Splink takes it."""
    found = {}
    for name in TERMS["person"]:
        values = [each for each in table[name].unique() if each is not None]
        terms = model.terms[name]
        frequencies = [terms.values.get(each, terms.unlisted) for each in values]
        found[name] = pd.DataFrame({name: values, f"tf_{name}": frequencies})
    return found


def _settings(
    model: Model | None = None, u: Mapping[str, Mapping[str, float | None]] | None = None
) -> SettingsCreator:
    odds = 2.0 ** (model.prior if model else -14.0)
    return SettingsCreator(
        link_type="dedupe_only",
        probability_two_random_records_match=odds / (1.0 + odds),
        comparisons=[_comparison(place, model, u) for place in _places()],
        blocking_rules_to_generate_predictions=[block_on(*columns) for columns in SESSIONS],
        additional_columns_to_retain=["place"],
        max_iterations=50,
    )


def _places() -> list[int]:
    return [place for place, field in enumerate(FIELDS["person"]) if field.weighed]


def _comparison(
    place: int, model: Model | None, u: Mapping[str, Mapping[str, float | None]] | None
) -> Any:
    field = FIELDS["person"][place]
    levels = [_level(place, number) for number in range(len(field.levels))]
    for number, level in enumerate(levels[1:], 1):
        if model is not None:
            level["m_probability"], level["u_probability"] = model.levels[place][number][:2]
        elif u is not None and u[field.name][field.levels[number]] is not None:
            level["u_probability"] = u[field.name][field.levels[number]]
    if model is not None and field.name in TERMS["person"]:
        levels[EXACT] |= {
            "tf_adjustment_column": field.name,
            "tf_minimum_u_value": model.terms[field.name].minimum_u,
            "disable_tf_exact_match_detection": True,  # the level is exact, if by a function
        }
    return CustomComparison(output_column_name=field.name, comparison_levels=levels)


def _level(place: int, number: int) -> dict[str, Any]:
    """Give a level: what the function says of the pair, in the bits of this field.

    Splink leaves out of a session the fields whose columns are blocked on, and knows them by the
    columns that a condition names; so each names its own, in a way that is always true.
    """
    field = FIELDS["person"][place]
    if number == len(field.levels) - 1:
        return {"sql_condition": "ELSE", "label_for_charts": field.levels[number]}
    bits = f'({_FUNCTION}("place_l", "place_r") >> {_BITS_A_LEVEL * place}) & 15 = {number}'
    named = any(field.name in columns for columns in SESSIONS)
    condition = f'("{field.name}_l" IS NULL OR TRUE) AND ({bits})' if named else bits
    level: dict[str, Any] = {"sql_condition": condition, "label_for_charts": field.levels[number]}
    return level | ({"is_null_level": True} if number == 0 else {})
