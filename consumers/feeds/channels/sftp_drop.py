"""The channel `sftp_drop`: numbered files in a folder on the agency's own SFTP server."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

from consumers.feeds.channels.numbered import MOST_RECORDS, NumberedFiles, checked_ori
from consumers.feeds.channels.surroundings import Surroundings
from consumers.feeds.formats import FormatName, format_of
from consumers.feeds.subscription import Subscription
from recordbus.errors import Misconfigured

if TYPE_CHECKING:
    from consumers.feeds.channels.sftp_folder import SftpFolder
    from recordbus.sftp import Endpoint

Text = Annotated[str, Field(min_length=1, max_length=300)]


class Options(BaseModel):
    """What a subscription says of the server: it is known by its key, we by a key or a password."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    host: Text
    port: Annotated[int, Field(ge=1, le=65_535)] = 22
    user: Text
    known_hosts: Path
    key_file: Path | None = None
    password_file: Path | None = None
    folder: Text = "."
    format: FormatName = "json"
    most_records: Annotated[int, Field(ge=1, le=100_000)] = MOST_RECORDS

    @model_validator(mode="after")
    def _proves_who_we_are(self) -> Options:
        if (self.key_file is None) == (self.password_file is None):
            raise ValueError("give either a key_file or a password_file")
        return self


class SftpDrop(NumberedFiles):
    """Numbered files on a server."""

    def __init__(self, options: Options, agency_ori: str, around: Surroundings) -> None:
        endpoint, folder = _folder(options)
        self._endpoint = endpoint
        form = format_of(options.format)
        super().__init__("sftp_drop", folder, agency_ori, form, around.clock, options.most_records)

    def check(self) -> None:
        """Check that keys and known hosts are there; the server is not asked."""
        self._endpoint.check()


def make(options: Options, subscription: Subscription, around: Surroundings) -> SftpDrop:
    """Make the channel of a subscription; raises Misconfigured where the extra is missing."""
    return SftpDrop(options, checked_ori(subscription), around)


def _folder(options: Options) -> tuple[Endpoint, SftpFolder]:
    """Give the server and its folder; asyncssh is imported only where a subscription needs it."""
    try:
        from consumers.feeds.channels.sftp_folder import SftpFolder
        from recordbus.sftp import Endpoint
    except ImportError as error:
        raise Misconfigured(
            "the channel sftp_drop needs the extra `sftp`", hint="pip install 'recordbus[sftp]'"
        ) from error
    endpoint = Endpoint(
        options.host, options.user, options.known_hosts, options.key_file, options.password_file,
        options.port,
    )  # fmt: skip
    return endpoint, SftpFolder(endpoint, options.folder)
