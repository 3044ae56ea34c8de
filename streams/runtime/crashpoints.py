"""The steps of a stage between two promises, at which a test may end its process."""

from __future__ import annotations

from typing import Final

NAMES: Final = (
    "tenure.fenced",
    "tenure.restored",
    "batch.noted",
    "batch.handled",
    "transaction.begun",
    "transaction.half",
    "transaction.produced",
    "transaction.committed",
    "batch.settled",
    "batch.counted",
    "offsets.acknowledged",
)
