"""The settings of what a process shows of itself: its metrics and its log."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from recordbus.settings.fields import Group, Port, setting


class MetricsSettings(Group):
    """Where a process shows its metrics."""

    host: str = setting(
        "127.0.0.1", "Address to listen on; :: is every one, for a container.", example="::"
    )
    port: Port = setting(
        0, "Port to listen on; 0 takes any free one and prints it.", example="9100"
    )
    textfile_directory: Path | None = setting(
        None,
        "Folder of the node exporter's textfile collector: commands that end by themselves add "
        "their numbers to a file there; they are kept nowhere when unset.",
        example="/var/lib/node_exporter/textfile",
    )


class LogSettings(Group):
    """What a process writes about itself, to standard error."""

    level: Literal["debug", "info", "warning", "error"] = setting(
        "info", "The least serious line that is written.", example="warning"
    )
    form: Literal["auto", "json", "text"] = setting(
        "auto", "One JSON object a line, or text; auto is text on a terminal.", example="json"
    )
