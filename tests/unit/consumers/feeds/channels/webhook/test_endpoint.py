"""Row 76: what is no public endpoint is refused when it is registered and at every send."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.feeds.channels import webhook
from consumers.feeds.channels.interface import Outcome, Result
from consumers.feeds.channels.surroundings import Surroundings
from consumers.feeds.channels.webhook import Options, Webhook
from consumers.feeds.channels.webhook.endpoint import Denied, check_addresses, endpoint_of
from consumers.feeds.reading import read_subscription
from recordbus.errors import Misconfigured
from recordbus.testing.clock import ManualClock
from tests.unit.consumers.feeds import bus as made
from tests.unit.consumers.feeds.channels.contract import parcel
from tests.unit.consumers.feeds.channels.made_channel import settings_in
from tests.unit.consumers.feeds.channels.webhook.keyed import give_key

PUBLIC = "93.184.215.14"
REFUSED_URLS = [
    # not https, or not a plain URL
    "http://hooks.metro.example/in", "ftp://hooks.metro.example/", "file:///etc/passwd",
    "gopher://hooks.metro.example/", "//hooks.metro.example/", "hooks.metro.example/in", "https:",
    "https://", "https:///in", "https://hooks.metro.example/in#part", "javascript:alert(1)",
    "https://hooks.metro.example/a b", "https://hooks.metro.example\\@10.0.0.1/",
    "https://hooks.metro.example/\r\nHost: 10.0.0.1", "https://hooks.metro.example:port/",
    "https://hooks.metro.example:99999/", "https://[::1/",
    "https://hooks.metro.example/" + "a" * 2000,
    # somebody's password
    "https://user:pass@hooks.metro.example/", "https://user@hooks.metro.example/",
    "https://hooks.metro.example@10.0.0.1/", "https://@hooks.metro.example/",
    # ports of something else
    "https://hooks.metro.example:22/", "https://hooks.metro.example:25/",
    "https://hooks.metro.example:80/", "https://hooks.metro.example:0/",
    "https://hooks.metro.example:6379/", "https://hooks.metro.example:9092/",
    "https://hooks.metro.example:5432/", "https://hooks.metro.example:2375/",
    # addresses of this house, however they are written
    "https://127.0.0.1/", "https://127.1/", "https://2130706433/", "https://0x7f.1/",
    "https://0x7f000001/", "https://0177.0.0.1/", "https://127.0.0.1./", "https://0/",
    "https://10.0.0.1/", "https://172.16.0.1/", "https://172.31.255.255/", "https://192.168.1.1/",
    "https://169.254.169.254/latest/meta-data/", "https://169.254.169.254:8443/",
    "https://100.64.0.1/", "https://100.100.100.200/", "https://192.0.0.1/", "https://192.0.0.170/",
    "https://168.63.129.16/", "https://0.0.0.0/", "https://255.255.255.255/", "https://224.0.0.1/",
    "https://239.1.2.3/", "https://240.0.0.1/", "https://198.18.0.1/", "https://192.0.2.1/",
    "https://1.2.3/", "https://1.2.3.4.5/", "https://256.1.1.1/", "https://0xa9fea9fe/",
    "https://2852039166/", "https://[::1]/", "https://[::]/", "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:169.254.169.254]/", "https://[::ffff:7f00:1]/", "https://[::127.0.0.1]/",
    "https://[64:ff9b::a9fe:a9fe]/", "https://[64:ff9b:1::a00:1]/", "https://[2002:7f00:1::]/",
    "https://[2002:a9fe:a9fe::]/", "https://[2001::1]/", "https://[2001:db8::1]/",
    "https://[fe80::1]/", "https://[fe80::1%25eth0]/", "https://[fc00::1]/", "https://[fd00:ec2::254]/",
    "https://[fec0::1]/", "https://[ff02::1]/", "https://[100::1]/", "https://[3fff::1]/",
    # names of this house
    "https://localhost/", "https://LOCALHOST/", "https://a.localhost/", "https://printer.local/",
    "https://metadata.google.internal/", "https://metadata/", "https://intranet/",
    "https://router.lan/", "https://nas.home.arpa/", "https://db.corp/", "https://hidden.onion/",
    "https://hooks.metro.example./", "https://hooks..example/", "https://-a.example/",
    "https://xn--bücher.example/", "https://\u2460\u2461\u2466.0.0.1/", "https://hooks.metro%2eexample/",
]  # fmt: skip
REFUSED_ADDRESSES = [
    "127.0.0.1", "10.1.2.3", "169.254.169.254", "100.64.0.1", "192.0.0.8", "224.0.0.1", "0.0.0.0",
    "::1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::1", "fe80::1", "fd00::1", "ff02::1",
    "fe80::1%2", "no address",
]  # fmt: skip


@pytest.fixture
def connected(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Note whatever anybody connects to; nobody gets there."""
    tried: list[Any] = []

    def connect(_link: socket.socket, address: Any) -> None:
        tried.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket.socket, "connect", connect)
    return tried


@pytest.fixture(scope="module")
def channel_to(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Webhook]:
    settings = settings_in(tmp_path_factory.mktemp("run"))
    give_key(settings)
    around = Surroundings(ManualClock(), settings)

    def channel(url: str, *addresses: list[str]) -> Webhook:
        """Give a channel whose resolver gives these answers in turn, the last one for ever."""
        answers = list(addresses) or [[PUBLIC]]

        def resolve(_host: str, _port: int) -> list[str]:
            return answers.pop(0) if len(answers) > 1 else answers[0]

        options = Options.model_construct(url=url)
        return webhook.make(options, made.subscription(), around, resolver=resolve)

    return channel


def test_the_table_is_a_table() -> None:
    assert len(set(REFUSED_URLS)) == len(REFUSED_URLS) >= 60


@pytest.mark.parametrize("url", REFUSED_URLS)
def test_row_76_a_url_that_leads_inside_is_refused_at_both_moments(
    url: str, channel_to: Callable[..., Webhook], connected: list[Any]
) -> None:
    channel = channel_to(url)
    with pytest.raises(Misconfigured, match=r"channel\.url"):
        channel.check()
    assert channel.deliver([parcel(1)]) == [Outcome(Result.LATER, "address_refused")]
    assert connected == []


@pytest.mark.parametrize("address", REFUSED_ADDRESSES)
@pytest.mark.parametrize("beside", [[], [PUBLIC]], ids=["alone", "beside a public one"])
def test_row_76_a_name_with_an_address_inside_is_refused_at_both_moments(
    address: str, beside: list[str], channel_to: Callable[..., Webhook], connected: list[Any]
) -> None:
    channel = channel_to("https://hooks.metro.example/in", [*beside, address])
    with pytest.raises(Misconfigured, match="not a public one"):
        channel.check()
    assert channel.deliver([parcel(1)]) == [Outcome(Result.LATER, "address_refused")]
    assert connected == []


def test_row_76_a_name_that_is_public_when_registered_and_not_at_the_send(
    channel_to: Callable[..., Webhook], connected: list[Any]
) -> None:
    channel = channel_to("https://hooks.metro.example/in", [PUBLIC], ["127.0.0.1"])
    channel.check()
    assert channel.deliver([parcel(1)]) == [Outcome(Result.LATER, "address_refused")]
    assert connected == []


def test_row_76_a_name_is_asked_once_and_its_checked_address_is_what_is_connected_to(
    channel_to: Callable[..., Webhook], connected: list[Any]
) -> None:
    channel = channel_to("https://hooks.metro.example/in", [PUBLIC], ["127.0.0.1"])
    assert channel.deliver([parcel(1)]) == [Outcome(Result.LATER, "connect_failed")]
    assert connected == [(PUBLIC, 443)]


def test_a_name_that_is_gone_is_tried_later(tmp_path: Path) -> None:
    """Row 80: DNS gone."""

    def resolve(host: str, port: int) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "no such name")

    settings = settings_in(tmp_path)
    give_key(settings)
    options = Options(url="https://hooks.metro.example/in")
    around = Surroundings(ManualClock(), settings)
    channel = webhook.make(options, made.subscription(), around, resolver=resolve)
    assert channel.deliver([parcel(1)]) == [Outcome(Result.LATER, "no_address")]
    with pytest.raises(Misconfigured, match="no address"):
        channel.check()


@pytest.mark.parametrize(
    ("url", "host", "port", "authority", "target"),
    [
        ("https://Hooks.Metro.example", "hooks.metro.example", 443, "hooks.metro.example", "/"),
        ("https://hooks.metro.example:8443/in?to=1", "hooks.metro.example", 8443,
         "hooks.metro.example:8443", "/in?to=1"),
        ("https://93.184.215.14/in", PUBLIC, 443, PUBLIC, "/in"),
        ("https://[2606:2800:21f::1]:8443/", "2606:2800:21f::1", 8443,
         "[2606:2800:21f::1]:8443", "/"),
        ("https://xn--bcher-kva.example/", "xn--bcher-kva.example", 443,
         "xn--bcher-kva.example", "/"),
    ],
)  # fmt: skip
def test_a_public_endpoint_is_read(
    url: str, host: str, port: int, authority: str, target: str
) -> None:
    found = endpoint_of(url)
    assert (found.host, found.port, found.authority, found.target) == (
        host,
        port,
        authority,
        target,
    )
    assert found.is_tls
    check_addresses(found, [PUBLIC, "2606:2800:21f::1"])


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8080/", "https://localhost:8443/", "http://[::1]:8080/in"]
)
def test_this_machine_is_an_endpoint_only_where_a_setting_says_so(url: str) -> None:
    found = endpoint_of(url, allow_loopback=True)
    check_addresses(found, ["127.0.0.1", "::1"])
    with pytest.raises(Denied):
        check_addresses(found, [PUBLIC])
    with pytest.raises(Denied):
        endpoint_of(url)


@pytest.mark.parametrize(
    "url", ["http://hooks.metro.example/", "http://10.0.0.1/", "http://127.0.0.1:22/"]
)
def test_that_setting_opens_this_machine_and_nothing_else(url: str) -> None:
    with pytest.raises(Denied):
        endpoint_of(url, allow_loopback=True)
    public = endpoint_of("https://hooks.metro.example/", allow_loopback=True)
    with pytest.raises(Denied):
        check_addresses(public, ["127.0.0.1"])


@given(st.ip_addresses())
def test_what_python_calls_no_public_address_is_none_here_either(address: Any) -> None:
    if not address.is_global or address.is_multicast:
        public = endpoint_of("https://hooks.metro.example/")
        with pytest.raises(Denied):
            check_addresses(public, [str(address)])


@given(st.text() | st.text().map(lambda text: f"https://{text}/"))
def test_no_text_does_anything_but_pass_or_be_denied(url: str) -> None:
    try:
        found = endpoint_of(url)
    except Denied:
        return
    assert found.is_tls
    assert found.authority.isascii()


FILE = """\
subscription_id: metro-1
agency: metro-task-force
agency_ori: MA0130000
requester: det. Alvarez
purpose: criminal_investigation
case_number: 2026-00117
channel:
  kind: webhook
  url: {url}
start: 2026-01-01T00:00:00Z
end: 2026-06-30T00:00:00Z
"""


@pytest.mark.parametrize("url", ["http://127.0.0.1:8490/", "https://10.0.0.1/"])
def test_row_76_a_subscription_that_leads_inside_is_not_registered(
    tmp_path: Path, url: str
) -> None:
    path = tmp_path / "metro-1.yaml"
    path.write_text(FILE.format(url=url))
    with pytest.raises(Misconfigured, match=r"channel\.url"):
        read_subscription(path, settings_in(tmp_path), ManualClock())


def test_for_trying_it_out_this_machine_is_registered_where_a_setting_says_so(
    tmp_path: Path,
) -> None:
    path = tmp_path / "metro-1.yaml"
    path.write_text(FILE.format(url="http://127.0.0.1:8490/"))
    settings = settings_in(tmp_path, allow_loopback=True)
    assert read_subscription(path, settings, ManualClock()).channel.kind == "webhook"
