"""The channel `file_drop`: numbered files in a folder on this machine, or mounted there."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from consumers.feeds.channels.folder import LocalFolder
from consumers.feeds.channels.numbered import MOST_RECORDS, NumberedFiles, checked_ori
from consumers.feeds.channels.surroundings import Surroundings
from consumers.feeds.formats import FormatName, format_of
from consumers.feeds.subscription import Subscription


class Options(BaseModel):
    """What a subscription says of its folder."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    folder: Path
    format: FormatName = "json"
    most_records: Annotated[int, Field(ge=1, le=100_000)] = MOST_RECORDS


def make(options: Options, subscription: Subscription, around: Surroundings) -> NumberedFiles:
    """Make the channel of a subscription."""
    return NumberedFiles(
        "file_drop", LocalFolder(options.folder), checked_ori(subscription),
        format_of(options.format), around.clock, options.most_records,
    )  # fmt: skip
