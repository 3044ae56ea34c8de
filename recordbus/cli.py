"""The `recordbus` command: finds every part's commands and turns errors into exit codes.

Invariant: the kit imports no service. Parts publish their commands as entry points of the group
`recordbus.commands` (name → typer.Typer); one is imported when it is first needed. A Typer with
one command and no callback stands for that command itself, one with more for a group.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from recordbus import build, logs
from recordbus.clock import SystemClock
from recordbus.config_command import config
from recordbus.errors import ExitCode, Misconfigured, RecordbusError
from recordbus.settings import load
from recordbus.settings.model import CONFIG_VARIABLE

GROUP = "recordbus.commands"
_log = logs.logger(__name__)


class CommandsOfParts(TyperGroup):
    """The root group: its own commands, and those of every installed part."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Give all command names, sorted."""
        return sorted({*super().list_commands(ctx), *_published()})

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Give a command, importing the part it belongs to; None when there is none."""
        own = super().get_command(ctx, cmd_name)
        point = _published().get(cmd_name)
        return own if own is not None or point is None else _loaded(point)


root = typer.Typer(
    cls=CommandsOfParts,
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Share records between departments, and find them seconds later.",
)
root.add_typer(config, name="config")


@root.callback()
def _options(
    config_file: Annotated[
        Path | None,
        typer.Option("--config", help="Settings file (TOML); ./recordbus.toml when not given."),
    ] = None,
) -> None:
    if config_file is not None:
        os.environ[CONFIG_VARIABLE] = str(config_file.absolute())  # for our children too
    _configure_logs()


@root.command()
def version() -> None:
    """Say which version and commit this is."""
    typer.echo(f"recordbus {build.version()} ({build.commit()})")


def main() -> None:
    """Run the command line of this process and end it with the command's exit code."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run one command and give its exit code; errors go to standard error, never as a traceback.

    What it counted goes into the textfile of the settings, if they name a folder for it.
    """
    code = _run(arguments)
    _export_metrics(arguments, code)
    return code


def _run(arguments: Sequence[str]) -> int:
    try:
        get_command(root).main(args=list(arguments), prog_name="recordbus")
    except SystemExit as ended:
        return _code_of(ended)
    except RecordbusError as error:
        typer.echo(f"recordbus: {error.message}", err=True)
        if error.hint:
            typer.echo(f"  {error.hint}", err=True)
        return error.exit_code
    except Exception as error:  # noqa: BLE001 - the outermost edge; its values are not to be shown
        _log.error("a command failed in a way nothing expected", exc_info=error)
        return ExitCode.FAILED
    return ExitCode.OK


def _export_metrics(arguments: Sequence[str], code: int) -> None:
    """Keep the numbers of a command that ended; that they cannot be kept is no failure of it."""
    try:
        directory = load().metrics.textfile_directory
        if directory is None:
            return
        from recordbus.textfile import add_to_textfile  # its import costs what it saves elsewhere

        add_to_textfile(directory, command_named(arguments), code, SystemClock())
    except Misconfigured:  # the command itself has said so
        return
    except OSError as error:
        _log.warning("the metrics of a command were not kept", error=type(error).__name__)


def command_named(arguments: Sequence[str]) -> str:
    """Give the words that call a command, such as `publish csv`; empty when they call none."""
    words: list[str] = []
    command: Any = get_command(root)
    for before, argument in pairwise(["", *arguments]):
        if before == "--config":
            continue
        if not hasattr(command, "list_commands"):
            break
        found = command.get_command(None, argument)
        if found is not None:
            words.append(argument)
            command = found
    return " ".join(words)


def _code_of(ended: SystemExit) -> int:
    if ended.code is None:
        return ExitCode.OK
    return ended.code if isinstance(ended.code, int) else ExitCode.FAILED


def _configure_logs() -> None:
    try:
        log = load().log
    except Misconfigured:  # the command itself will say so, or is the one that helps
        logs.configure()
    else:
        logs.configure(log.level, None if log.form == "auto" else log.form == "json")


@cache
def _published() -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=GROUP)}


def _loaded(point: EntryPoint) -> Any:
    """Give a part's command; a part that cannot be imported still has its line in `--help`."""
    try:
        return _named(get_command(point.load()), point.name)
    except (ImportError, AttributeError) as error:
        return _unusable(point, error)


def _named(command: Any, name: str) -> Any:
    command.name = name
    return command


def _unusable(point: EntryPoint, error: Exception) -> TyperCommand:
    def explain() -> None:
        raise Misconfigured(
            f"the command {point.name} cannot be loaded from {point.value}: {error}",
            hint="install recordbus again",
        )

    return TyperCommand(point.name, callback=explain, help=f"Cannot be loaded: {error}")
