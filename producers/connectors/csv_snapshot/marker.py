"""The marker: which snapshot was accepted last, and how far an unfinished run has come."""

from __future__ import annotations

from collections.abc import Sequence

from producers.connectors.csv_snapshot.state import DifferState
from recordbus.clock import Clock
from recordbus.errors import Rejected


class Marker:
    """Moves the marker of one export; `acknowledged_line` is how far a resumed run had come."""

    def __init__(self, state: DifferState, export: str, clock: Clock) -> None:
        self._state = state
        self._export = export
        self._clock = clock
        self.acknowledged_line = 0

    def refuse_older(self, digest: bytes, number: int | None, name: str) -> None:
        """Raise Rejected `older_snapshot` for a snapshot from before the one accepted last."""
        accepted = self._state.database.execute(
            "SELECT file_digest, number FROM snapshots WHERE export = ? ORDER BY id DESC",
            (self._export,),
        ).fetchall()
        if not accepted or accepted[0][0] == digest:
            return
        last = accepted[0][1]
        if number is not None and last is not None:
            if number <= last:
                detail = f"{name} is number {number}, the last one was {last}"
                raise Rejected("older_snapshot", detail)
        elif digest in {row[0] for row in accepted}:
            raise Rejected(
                "older_snapshot",
                f"{name} was accepted before, and others since; if the department's data is as "
                "it was then, publish it with --approve",
            )

    def resume(self, digest: bytes) -> bool:
        """Go on with the run that was cut short, if it was about this very file.

        A run about another file is given up: of what it may have sent nothing is known, so
        those records count as changed until a snapshot has said what they are.
        """
        run = self._state.database.execute(
            "SELECT file_digest, acknowledged_line FROM runs WHERE export = ?", (self._export,)
        ).fetchone()
        if run is None:
            return False
        if run[0] == digest:
            self.acknowledged_line = run[1]
            return True
        self._give_up()
        return False

    def open(self, digest: bytes, number: int | None) -> int:
        """Begin a run inside the caller's transaction and give its sequence number."""
        sequence = self._state.next_sequence()
        self._state.database.execute(
            "INSERT INTO runs VALUES (?, ?, ?, ?, 0)", (self._export, digest, number, sequence)
        )
        return sequence

    def note_acknowledged(self, line: int) -> None:
        """Write down that everything up to this line is durable."""
        self._state.database.execute(
            "UPDATE runs SET acknowledged_line = ? WHERE export = ?", (line, self._export)
        )

    def accept(self, refused_keys: Sequence[bytes]) -> None:
        """Move the marker: everything that was planned is what the bus holds now."""
        with self._state.transaction() as database:
            database.executemany(
                "DELETE FROM planned WHERE record_key = ?", ((key,) for key in refused_keys)
            )
            self._take_over(
                "row_digest", "CASE action WHEN 'withdraw' THEN 'withdrawn' ELSE 'live' END"
            )
            database.execute(
                "INSERT INTO snapshots(export, file_digest, number, source_seq, accepted_at)"
                " SELECT export, file_digest, number, source_seq, ? FROM runs WHERE export = ?",
                (self._clock.now().isoformat(), self._export),
            )
            database.execute("DELETE FROM runs WHERE export = ?", (self._export,))

    def _give_up(self) -> None:
        with self._state.transaction() as database:
            self._take_over("NULL", "'live'")
            database.execute("DELETE FROM runs WHERE export = ?", (self._export,))

    def _take_over(self, digest: str, status: str) -> None:
        """Make the plan what is known, with the digest and status that these expressions give."""
        database = self._state.database
        database.execute(
            "INSERT INTO records(record_key, export, record_kind, row_digest, source_seq, status)"  # noqa: S608
            f" SELECT record_key, export, record_kind, {digest}, source_seq, {status}"
            " FROM planned WHERE export = ?"
            " ON CONFLICT(record_key) DO UPDATE SET export = excluded.export,"
            " row_digest = excluded.row_digest, source_seq = excluded.source_seq,"
            " status = excluded.status",
            (self._export,),
        )
        database.execute("DELETE FROM planned WHERE export = ?", (self._export,))
