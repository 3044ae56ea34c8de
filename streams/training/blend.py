"""From estimated shares to the weights of a model: what is not seen often keeps its base (pure).

Estimates speak of the data they come from. Synthetic people never give a false telephone number or
change one, so its estimates alone would hold a new number against everybody. Invariant: the result
passes the release gates in what follows from the numbers: order of levels and floors of u.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from streams.resolution.evidence import Field
from streams.resolution.model_gates import U_FLOORS

LEAST_M: Final = 0.0005
"""No level is rarer among true pairs: one error in two thousand happens to every field."""
LEAST_U: Final = 1e-6
_MOST: Final = 0.999999


class Estimate(NamedTuple):
    """Shares of one level: `m` of true pairs, `u` of others; None where too few were seen."""

    m: float | None
    u: float | None


Shares = Mapping[str, Mapping[str, float]]  # level -> {"m": ..., "u": ...}


def blended(
    field: Field, estimates: Mapping[str, Estimate], base: Shares, share: float
) -> dict[str, dict[str, float]]:
    """Give m and u of every level of a field; `share` is how much of m the estimates decide."""
    levels = field.levels[1:]
    m = _summing_to_one([_m(estimates[each].m, base[each]["m"], share) for each in levels])
    u = _summing_to_one([_u(estimates[each].u, base[each]["u"]) for each in levels])
    floored = [
        max(other, U_FLOORS.get((field.name, level), LEAST_U))
        for level, other in zip(levels, u, strict=True)
    ]
    return {
        level: {"m": _rounded(mine), "u": _rounded(other)}
        for level, (mine, other) in zip(levels, _in_order(m, floored), strict=True)
    }


def _m(estimated: float | None, base: float, share: float) -> float:
    mixed = base if estimated is None else share * estimated + (1.0 - share) * base
    return max(mixed, LEAST_M)


def _u(estimated: float | None, base: float) -> float:
    return base if estimated is None else estimated


def _summing_to_one(shares: Sequence[float]) -> list[float]:
    total = sum(shares) or 1.0
    return [share / total for share in shares]


def _in_order(m: Sequence[float], u: Sequence[float]) -> list[tuple[float, float]]:
    """Give m and u such that m / u never rises from level to level.

    A level that would weigh more than a better one is given more u, so that both weigh the same:
    rarer kinds of near agreement must not count for more than agreement.
    """
    least, found = float("inf"), []
    for mine, other in zip(m, u, strict=True):
        least = min(least, mine / other)
        share = min(mine / least, _MOST)
        found.append((share * least, share))
    return found


def _rounded(share: float) -> float:
    """Keep six digits: more would claim a precision that no estimate has; never quite certain."""
    return min(float(f"{share:.6g}"), _MOST)
