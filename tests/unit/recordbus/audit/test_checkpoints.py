"""Checkpoints, witnesses and proofs: for the log, a machine elsewhere and a third party (R-40)."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from recordbus.audit.checkpoint import make_checkpoint
from recordbus.audit.findings import Altered
from recordbus.audit.keys import make_key, read_key, read_verifier_keys
from recordbus.audit.layout import COSIGNED, PUBLIC, tile_file
from recordbus.audit.merkle import leaf_hash, root_of
from recordbus.audit.notes import (
    LOG_KEY,
    WITNESS_KEY,
    Checkpoint,
    cosigned,
    cosigned_at,
    is_signed_by,
    key_of,
    read_note,
    signed,
    verifier_key,
)
from recordbus.audit.proof_file import check_proof, find_entry, prove
from recordbus.audit.proofs import (
    consistency_proof,
    inclusion_proof,
    is_consistent,
    is_included,
    root_at,
)
from recordbus.audit.source import DirectorySource, source_of
from recordbus.audit.tiles import extend, hashes_of, in_directory
from recordbus.audit.verify import stored_checkpoints, verify
from recordbus.audit.witness import witness
from recordbus.errors import Misconfigured, Retryable
from tests.unit.recordbus.audit.conftest import KEY, ORIGIN, filled

LOG = key_of(ORIGIN, LOG_KEY, KEY)
OTHER = Ed25519PrivateKey.from_private_bytes(b"o" * 32)
WITNESS = key_of("w.example", WITNESS_KEY, OTHER)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    filled(tmp_path / "audit", 10)
    make_checkpoint(tmp_path / "audit", ORIGIN, KEY)
    return tmp_path / "audit"


def test_a_checkpoint_is_a_signed_note_of_three_lines(log: Path) -> None:
    text = (log / PUBLIC / "checkpoint").read_text()
    origin, size, _, empty, signature = text.splitlines()

    assert (origin, size, empty) == (ORIGIN, "10", "")
    assert signature.startswith(f"— {ORIGIN} ")
    assert is_signed_by(read_note(text), LOG)
    assert not is_signed_by(read_note(text), key_of(ORIGIN, LOG_KEY, OTHER))
    assert not is_signed_by(read_note(text.replace("\n10\n", "\n11\n")), LOG)
    assert read_note(text).text == text


def test_a_public_key_is_read_as_it_is_written() -> None:
    """The form of signed notes: the id is the hash of name, newline, use and key."""
    assert verifier_key(str(LOG)) == LOG
    for wrong in ("", "name", str(LOG).replace("audit", "other"), str(LOG)[:-4] + "AAA="):
        with pytest.raises(Misconfigured):
            verifier_key(wrong)


@pytest.mark.parametrize(
    "text", ["", "a\n1\n", "a\nx\nAAAA\n\n— a AAAA\n", "a\n01\nAAAA\n\n— a AAAA\n"]
)
def test_what_is_no_checkpoint_is_said_so(text: str) -> None:
    with pytest.raises(Altered):
        read_note(text)


def test_a_cosignature_binds_the_time(log: Path) -> None:
    checkpoint = Checkpoint(ORIGIN, 3, bytes(32))
    note = signed(checkpoint, KEY)
    vouched = note._replace(
        signatures=(*note.signatures, cosigned(checkpoint, "w.example", OTHER, 1_790_000_000))
    )
    again = read_note(vouched.text)

    assert cosigned_at(again, WITNESS) == 1_790_000_000
    assert is_signed_by(again, LOG)
    assert cosigned_at(again, key_of("w.example", WITNESS_KEY, KEY)) is None
    earlier = again.signatures[1]._replace(
        signature=(1).to_bytes(8) + again.signatures[1].signature[8:]
    )
    assert cosigned_at(again._replace(signatures=(earlier,)), WITNESS) is None


@given(st.lists(st.integers(0, 700), min_size=1, max_size=4), st.data())
def test_tiles_give_every_proof_however_they_grew(
    tmp_path_factory: pytest.TempPathFactory, steps: list[int], draw: st.DataObject
) -> None:
    directory, size = tmp_path_factory.mktemp("tiles"), 0
    leaves = [leaf_hash(b"%d" % number) for number in range(sum(steps))]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("recordbus.audit.files.os.fsync", lambda _handle: None)
        for step in steps:
            size = extend(directory, size, leaves[size : size + step])
    hash_at = hashes_of(in_directory(directory))

    assert size == len(leaves)
    assert root_at(hash_at, size) == root_of(leaves)
    if size:
        index, old = draw.draw(st.integers(0, size - 1)), draw.draw(st.integers(0, size))
        path = inclusion_proof(hash_at, index, size)
        assert is_included(leaves[index], index, size, path, root_of(leaves))
        proof = consistency_proof(hash_at, old, size)
        assert is_consistent(old, size, root_of(leaves[:old]), root_of(leaves), proof)


def test_a_checkpoint_grows_and_stays_when_nothing_was_added(log: Path) -> None:
    first = make_checkpoint(log, ORIGIN, KEY)
    filled(log, 600, start=10)
    second = make_checkpoint(log, ORIGIN, KEY)

    assert (first.checkpoint.size, second.checkpoint.size) == (10, 610)
    found = verify(log, LOG, (), stored_checkpoints(log))
    assert (found.is_sound, found.covered, found.checkpoints) == (True, 610, 3)


@pytest.mark.parametrize("left", [b"", b"x" * 64, None])
def test_tiles_that_a_power_loss_took_are_made_anew(log: Path, left: bytes | None) -> None:
    filled(log, 600, start=10)
    tile = log / tile_file(0, 0)
    if left is None:
        tile.unlink()
    else:
        tile.write_bytes(left)

    make_checkpoint(log, ORIGIN, KEY)

    assert verify(log, LOG, (), stored_checkpoints(log)).is_sound
    check_proof(prove(log, *find_entry(log, "id-7")), LOG)


def test_another_key_signs_nothing(log: Path) -> None:
    with pytest.raises(Altered, match="not signed by this log's key"):
        make_checkpoint(log, ORIGIN, OTHER)


def test_a_log_without_a_checkpoint_and_a_forged_one_are_findings(log: Path) -> None:
    forged = signed(Checkpoint(ORIGIN, 10, bytes(32)), OTHER).text
    assert verify(log, LOG, (), []).findings == ("no checkpoint vouches for the log",)
    assert not verify(log, LOG, (), [*stored_checkpoints(log), ("given", forged)]).is_sound
    assert not verify(log, LOG, (), [("given", "nothing")]).is_sound


def test_a_witness_follows_what_only_grows_and_verify_counts_it(log: Path, tmp_path: Path) -> None:
    state = tmp_path / "elsewhere" / "state"
    source = DirectorySource(log / PUBLIC)
    for at, more in ((100, 0), (200, 300), (300, 0)):
        filled(log, more, start=0)
        make_checkpoint(log, ORIGIN, KEY)
        note = witness(source, LOG, state, "w.example", OTHER, at)
        assert cosigned_at(note, WITNESS) == at
    (log / COSIGNED).mkdir()
    (log / COSIGNED / "w.example").write_text(state.read_text())

    found = verify(log, LOG, [WITNESS], stored_checkpoints(log))
    assert (found.is_sound, found.cosigned) == (True, {"w.example": 300})


def test_a_rollback_to_an_older_checkpoint_is_refused_by_the_witness(
    log: Path, tmp_path: Path
) -> None:
    older = (log / PUBLIC / "checkpoint").read_text()
    filled(log, 5, start=10)
    make_checkpoint(log, ORIGIN, KEY)
    source, state = DirectorySource(log / PUBLIC), tmp_path / "state"
    witness(source, LOG, state, "w.example", OTHER, 1)
    (log / PUBLIC / "checkpoint").write_text(older)

    with pytest.raises(Altered, match="rolled back"):
        witness(source, LOG, state, "w.example", OTHER, 2)


def test_a_witness_takes_nobody_elses_log(log: Path, tmp_path: Path) -> None:
    source = DirectorySource(log / PUBLIC)
    for key in (key_of("another", LOG_KEY, KEY), key_of(ORIGIN, LOG_KEY, OTHER)):
        with pytest.raises(Altered, match="not signed"):
            witness(source, key, tmp_path / "state", "w.example", OTHER, 1)
    with pytest.raises(Retryable, match="no checkpoint"):
        witness(DirectorySource(tmp_path), LOG, tmp_path / "state", "w.example", OTHER, 1)


class Quiet(http.server.SimpleHTTPRequestHandler):
    """A plain web server of files."""

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def url(log: Path) -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), partial(Quiet, directory=str(log / PUBLIC))
    )
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_witness_on_another_machine_needs_only_a_web_server(
    log: Path, url: str, tmp_path: Path
) -> None:
    state = tmp_path / "state"
    witness(source_of(url), LOG, state, "w.example", OTHER, 1)
    filled(log, 300, start=10)
    make_checkpoint(log, ORIGIN, KEY)

    note = witness(source_of(url), LOG, state, "w.example", OTHER, 2)

    assert note.checkpoint.size == 310
    assert read_note(state.read_text()) == note


def test_a_proof_stands_by_itself(log: Path) -> None:
    sequence, leaf = find_entry(log, "id-7")
    document = json.loads(json.dumps(prove(log, sequence, leaf)))
    proven = check_proof(document, LOG)

    assert (sequence, proven.entry["entry_id"], proven.checkpoint.size) == (7, "id-7", 10)
    assert find_entry(log, "7")[1] == leaf
    assert "Jane" not in json.dumps(document)


@pytest.mark.parametrize(
    "altered",
    [{"entry": '{"sequence":7}'}, {"sequence": 6}, {"path": []}, {"path": "x"}, {"form": "?"},
     {"checkpoint": signed(Checkpoint(ORIGIN, 10, bytes(32)), OTHER).text}],
    ids=str,
)  # fmt: skip
def test_an_altered_proof_does_not_hold(log: Path, altered: dict[str, object]) -> None:
    document = prove(log, *find_entry(log, "id-7"))
    with pytest.raises(Altered):
        check_proof(document | altered, LOG)


def test_an_entry_that_no_checkpoint_covers_is_not_proven_yet(log: Path) -> None:
    filled(log, 1, start=10)
    with pytest.raises(Retryable, match="no checkpoint covers"):
        prove(log, *find_entry(log, "id-10"))
    with pytest.raises(Misconfigured, match="no entry"):
        find_entry(log, "id-99")


def test_a_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "log.pem"
    first, again = make_key(path), make_key(path)

    assert key_of("a", LOG_KEY, first) == key_of("a", LOG_KEY, again)
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o640)
    with pytest.raises(Misconfigured, match="readable by others"):
        read_key(path)
    path.write_text("no key")
    with pytest.raises(Misconfigured, match="cannot be read"):
        read_key(path)


def test_keys_of_witnesses_are_lines_of_a_file(tmp_path: Path) -> None:
    path = tmp_path / "witnesses"
    path.write_text(f"# the county's\n{WITNESS}\n\n")

    assert read_verifier_keys(path) == (WITNESS,)
    assert read_verifier_keys(None) == ()
    with pytest.raises(Misconfigured):
        read_verifier_keys(tmp_path / "absent")
