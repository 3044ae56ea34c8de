"""Reads the file that a subscription is registered from."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from pydantic import ValidationError

from consumers.feeds.channels.interface import Checkable
from consumers.feeds.channels.surroundings import Surroundings
from consumers.feeds.making import Channels
from consumers.feeds.subscription import Subscription
from recordbus.clock import Clock
from recordbus.errors import Misconfigured
from recordbus.settings import Settings
from recordbus.strict_yaml import StrictYamlError, plain, read_strictly

_HINT: Final = "docs/how-to/feed-an-agency.md shows a subscription with all that it may say"


def read_subscription(path: Path, settings: Settings, clock: Clock) -> Subscription:
    """Read and check a subscription; raises Misconfigured naming the first thing that is wrong."""
    try:
        text = path.read_text("utf-8")
        found = Subscription.model_validate(plain(read_strictly(text, starts_with="agency")))
    except StrictYamlError as error:
        raise Misconfigured(f"{path}:{error.line}:{error.column}: {error}", hint=_HINT) from error
    except (OSError, UnicodeDecodeError) as error:
        raise Misconfigured(
            f"{path} cannot be read: {type(error).__name__}", hint="give the path of a text file"
        ) from error
    except ValidationError as error:
        fault = error.errors()[0]
        where = ".".join(map(str, fault["loc"])) or "the subscription"
        raise Misconfigured(f"{path}: {where}: {fault['msg']}", hint=_HINT) from error
    channels = Channels(Surroundings(clock, settings))
    channel = channels.of(found)
    if isinstance(channel, Checkable):
        channel.check()
    channels.close()
    return found
