"""File drop with its subscriber, for the contract suite: a folder, or a file in its way."""

from __future__ import annotations

from pathlib import Path

import pytest

from consumers.feeds.channels.numbered import CONTENT, MANIFEST
from recordbus.testing.clock import ManualClock
from tests.unit.consumers.feeds.channels.made_channel import channel_of, settings_in


class FileDropSide:
    """A folder that somebody else reads."""

    def __init__(self, folder: Path, _request: pytest.FixtureRequest) -> None:
        self._folder = folder / "out"
        self._away = folder / "away"
        options = {"folder": str(self._folder)}
        self.channel = channel_of("file_drop", options, ManualClock(), settings_in(folder))

    def arrived(self) -> list[bytes]:
        """Give the lines of the files that have a manifest."""
        names = sorted(self._folder.glob(f"*{MANIFEST}"))
        whole = (path.with_name(path.name.removesuffix(MANIFEST) + CONTENT) for path in names)
        return [line for path in whole for line in path.read_bytes().splitlines()]

    def go_away(self) -> None:
        """Put a file where the folder was."""
        if self._folder.exists():
            self._folder.rename(self._away)
        self._folder.write_text("no folder")

    def come_back(self) -> None:
        """Put the folder back."""
        self._folder.unlink()
        if self._away.exists():
            self._away.rename(self._folder)

    def close(self) -> None:
        """Nothing is open."""
