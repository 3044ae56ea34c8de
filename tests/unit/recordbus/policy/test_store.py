"""Only signed agreements are in force, and no file takes one away: row 68, quiet changes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from recordbus.errors import Misconfigured
from recordbus.metrics import sample
from recordbus.policy.signing import Reason, public_text, read_keyring, signed
from recordbus.policy.store import Places, PolicyStore
from recordbus.testing.clock import ManualClock
from tests.unit.recordbus.policy.texts import SOUND

NAME = "harbor-to-metro"
KEYS = {
    name: Ed25519PrivateKey.from_private_bytes(bytes([at]) * 32)
    for at, name in enumerate(("ann", "bob", "cleo", "stranger"), 1)
}
SIGNERS = (("ann", "author", ""), ("bob", "approver", ""), ("cleo", "author", "[millbrook-pd]"))


class Desk:
    """A folder of agreements, its keyring, and a store over both."""

    def __init__(self, root: Path) -> None:
        self.clock = ManualClock()
        self.places = Places(root / "agreements", root / "accepted", root / "signers.yaml")
        self.places.agreements.mkdir()
        self.write_keyring(*SIGNERS)

    def write_keyring(self, *signers: tuple[str, str, str]) -> None:
        lines = ["signers:"]
        for name, role, owners in signers:
            lines.append(f"  - name: {name}\n    role: {role}")
            lines.append(f"    public_key: {public_text(KEYS[name])}")
            lines += [f"    owners: {owners}"] if owners else []
        self.places.keyring.write_text("\n".join(lines) + "\n")

    def put(self, text: str, *signers: str, name: str = NAME) -> None:
        """Write an agreement with signatures; without signers it has no signature file."""
        path = self.places.agreements / f"{name}.yaml"
        beside = path.with_name(f"{path.name}.sig")
        path.write_text(text)
        beside.unlink(missing_ok=True)
        signatures: bytes | None = None
        for signer in signers:
            signatures = signed(text.encode(), signatures, signer, KEYS[signer])
        if signatures is not None:
            beside.write_bytes(signatures)

    def store(self, **places: object) -> PolicyStore:
        changed = self.places._replace(**places)  # type: ignore[arg-type]
        return PolicyStore(changed, clock=self.clock, refresh_seconds=2)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def version(text: str, number: int) -> str:
    return text.replace("version: 3", f"version: {number}")


def in_force(store: PolicyStore) -> list[int]:
    return [agreement.version for agreement in store.policies()]


def reasons(store: PolicyStore) -> list[Reason]:
    return [refusal.reason for refusal in store.refusals()]


def test_an_agreement_signed_by_two_is_in_force(desk: Desk) -> None:
    desk.put(SOUND, "ann", "bob")

    store = desk.store()

    assert (in_force(store), store.refusals()) == ([3], ())


def test_an_empty_bus_denies_and_needs_no_keyring(tmp_path: Path) -> None:
    places = Places(tmp_path / "none", tmp_path / "accepted", tmp_path / "no-keyring.yaml")

    assert list(PolicyStore(places).policies()) == []


@pytest.mark.parametrize(
    ("signers", "reason"),
    [
        ((), Reason.UNSIGNED),
        (("ann",), Reason.TOO_FEW_SIGNERS),
        (("ann", "stranger"), Reason.UNKNOWN_SIGNER),
        (("ann", "bob", "stranger"), Reason.UNKNOWN_SIGNER),
        (("bob", "cleo"), Reason.NOT_FOR_OWNER),
    ],
)
def test_68_what_too_few_or_the_wrong_people_signed_is_refused(
    desk: Desk, signers: tuple[str, ...], reason: Reason
) -> None:
    desk.put(SOUND, *signers)

    store = desk.store()

    assert (in_force(store), reasons(store)) == ([], [reason])


def test_68_two_authors_are_no_approval(desk: Desk) -> None:
    desk.write_keyring(("ann", "author", ""), ("bob", "author", ""))
    desk.put(SOUND, "ann", "bob")

    assert reasons(desk.store()) == [Reason.NO_APPROVER]


def test_68_one_person_cannot_sign_for_two(desk: Desk) -> None:
    """A second name for one key is refused with the keyring, a second entry with the file."""
    text = desk.places.keyring.read_text()
    again = text.replace("name: bob", "name: ann-again").replace(
        public_text(KEYS["bob"]), public_text(KEYS["ann"])
    )
    desk.places.keyring.write_text(again)
    with pytest.raises(Misconfigured, match="twice"):
        desk.store()

    desk.places.keyring.write_text(text)
    desk.put(SOUND, "bob")
    beside = desk.places.agreements / f"{NAME}.yaml.sig"
    (one,) = json.loads(beside.read_text())["signatures"]
    beside.write_text(json.dumps({"signatures": [one, one]}))
    assert reasons(desk.store()) == [Reason.BAD_SIGNATURE]


def test_68_a_changed_byte_is_refused_and_the_old_one_left_in_force(desk: Desk) -> None:
    desk.put(SOUND, "ann", "bob")
    store = desk.store()
    before = store.policies().version

    path = desk.places.agreements / f"{NAME}.yaml"
    path.write_text(SOUND.replace("[fact]", "[fact, assessment]"))
    desk.clock.advance(3)

    assert store.policies().version == before
    (refusal,) = store.refusals()
    assert (refusal.reason, refusal.standing) == (Reason.BAD_SIGNATURE, 3)


@pytest.mark.parametrize(
    ("text", "signers", "reason"),
    [
        (version(SOUND, 2), ("ann", "bob"), Reason.OLDER_VERSION),
        (SOUND + "# other bytes\n", ("ann", "bob"), Reason.CHANGED_WITHOUT_VERSION),
        (version(SOUND, 4), ("ann",), Reason.TOO_FEW_SIGNERS),
        (version(SOUND, 4), (), Reason.UNSIGNED),
        (version(SOUND, 4).replace("level:", "allows:"), ("ann", "bob"), Reason.INVALID),
        (SOUND.replace(NAME, "another"), ("ann", "bob"), Reason.OTHER_NAME),
        ("", ("ann", "bob"), Reason.INVALID),
    ],
)
def test_65_68_what_is_refused_leaves_the_accepted_version_in_force(
    desk: Desk, text: str, signers: tuple[str, ...], reason: Reason
) -> None:
    desk.put(SOUND, "ann", "bob")
    desk.store()
    desk.put(text, *signers)

    store = desk.store()  # as after a restart: what was accepted is on disk

    assert (in_force(store), reasons(store)) == ([3], [reason])
    assert store.refusals()[0].standing == 3


def test_a_newer_version_takes_the_place_of_the_old_one_while_running(desk: Desk) -> None:
    desk.put(SOUND, "ann", "bob")
    store = desk.store()
    desk.put(version(SOUND, 4), "ann", "bob")

    assert in_force(store) == [3]  # nobody has looked yet
    desk.clock.advance(3)
    assert in_force(store) == [4]


def test_r32_a_file_that_is_gone_ends_nothing(desk: Desk) -> None:
    """Taking a file away could also take away what it hides."""
    desk.put(SOUND, "ann", "bob")
    store = desk.store()
    for file in desk.places.agreements.iterdir():
        file.unlink()
    desk.clock.advance(3)

    assert (in_force(store), reasons(store)) == ([3], [Reason.MISSING])


def test_who_leaves_the_keyring_takes_the_agreements_along(desk: Desk) -> None:
    desk.put(SOUND, "ann", "bob")
    store = desk.store()
    desk.write_keyring(("bob", "approver", ""), ("cleo", "author", ""))
    desk.clock.advance(3)

    assert (in_force(store), reasons(store)) == ([], [Reason.UNKNOWN_SIGNER])


def test_a_keyring_that_cannot_be_read_changes_nothing_while_running(desk: Desk) -> None:
    desk.put(SOUND, "ann", "bob")
    store = desk.store()
    desk.places.keyring.write_text("signers: nobody\n")
    desk.clock.advance(3)

    assert (in_force(store), reasons(store)) == ([3], [Reason.UNREADABLE])
    with pytest.raises(Misconfigured, match="keyring"):
        desk.store()


def test_what_was_accepted_is_checked_again_and_not_believed(desk: Desk) -> None:
    desk.put(SOUND, "ann", "bob")
    desk.store()
    kept = desk.places.accepted / f"{NAME}.json"
    forged = json.loads(kept.read_text()) | {"content": "YWdyZWVtZW50"}
    kept.write_text(json.dumps(forged))
    (desk.places.agreements / f"{NAME}.yaml").unlink()

    assert in_force(desk.store()) == []


def test_what_cannot_be_kept_is_not_put_into_force(desk: Desk) -> None:
    desk.places.accepted.write_text("a file in the way of the folder")
    desk.put(SOUND, "ann", "bob")

    assert reasons(desk.store()) == [Reason.NOT_KEPT]


@pytest.mark.parametrize(
    "places", [{"owners": ["millbrook-pd"]}, {"recipients": ["somebody-else"]}]
)
def test_65_a_party_that_the_bus_does_not_know_is_refused(
    desk: Desk, places: dict[str, list[str]]
) -> None:
    desk.put(SOUND, "ann", "bob")

    assert reasons(desk.store(**places)) == [Reason.UNKNOWN_PARTY]


def test_68_a_refused_file_is_counted_once_and_shown_as_long_as_it_is_there(desk: Desk) -> None:
    def failures() -> float:
        reason = Reason.TOO_FEW_SIGNERS
        return sample("recordbus_policy_load_failures_total", reason=reason) or 0.0

    before = failures()
    desk.put(SOUND, "ann")
    store = desk.store()
    desk.clock.advance(3)
    (desk.places.agreements / "readme.txt").write_text("seen, and nothing to it")
    store.policies()

    assert failures() == before + 1
    assert sample("recordbus_policy_refused_files") == 1.0
    desk.put(SOUND, "ann", "bob")
    desk.clock.advance(3)
    shown = store.policies().version
    assert sample("recordbus_policy_refused_files") == 0.0
    assert sample("recordbus_policy_info", version=shown) == 1.0


@pytest.mark.parametrize(
    "signatures", [b"", b"{}", b"[]", b"null", b"x" * 70_000, b'{"signatures": [1]}', b"[" * 9000]
)
def test_a_signature_file_of_another_shape_is_refused(desk: Desk, signatures: bytes) -> None:
    desk.put(SOUND, "ann", "bob")
    (desk.places.agreements / f"{NAME}.yaml.sig").write_bytes(signatures)

    assert reasons(desk.store()) == [Reason.BAD_SIGNATURE]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text.replace("role: author", "role: king"),
        lambda text: text.replace("public_key: ", "public_key: AA"),
        lambda text: text.replace("signers:", "signer:"),
        lambda text: "",
    ],
)
def test_a_keyring_is_read_as_strictly_as_an_agreement(
    desk: Desk, spoil: Callable[[str], str]
) -> None:
    desk.places.keyring.write_text(spoil(desk.places.keyring.read_text()))

    with pytest.raises(Misconfigured, match="keyring"):
        read_keyring(desk.places.keyring)
