"""Weighted tables that one uniform draw indexes: `table[int(uniform() * len(table))]`.

Only `random.Random.random` is drawn from: its sequence for a seed is the same on every Python, the
sequences of `choice` or `sample` are not. Tables are built by largest remainder, so they are the
same on every run.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.resources import files
from typing import TypeVar

T = TypeVar("T")
Uniform = Callable[[], float]


def weighted_table(weights: Sequence[tuple[T, float]], size: int = 200) -> tuple[T, ...]:
    """Spread values over `size` places in proportion to weight; every weight > 0 gets one."""
    total = sum(weight for _, weight in weights)
    exact = [weight / total * size for _, weight in weights]
    places = [max(1, int(share)) if share > 0 else 0 for share in exact]
    by_remainder = sorted(range(len(exact)), key=lambda i: (int(exact[i]) - exact[i], i))
    for index in by_remainder[: max(0, size - sum(places))]:
        places[index] += 1
    return tuple(
        value for (value, _), count in zip(weights, places, strict=True) for _ in range(count)
    )


def zipf_table(values: Sequence[T], size: int, exponent: float = 0.9) -> tuple[T, ...]:
    """Spread values by rank: the value of rank r weighs 1 / (r + 2) ** exponent."""
    weights = [(value, 1.0 / (rank + 2) ** exponent) for rank, value in enumerate(values)]
    return weighted_table(weights, max(size, len(weights)))


def data_lines(name: str) -> list[str]:
    """Return the lines of a data file of this package that are neither empty nor comments."""
    text = (files("producers.synthetic") / "data" / name).read_text("utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]
