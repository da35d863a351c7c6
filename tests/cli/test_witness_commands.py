"""`passport log witness-serve` and `log cosign`: witnesses in processes of their own, shared folders, and kill -9."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from cli_runs import ROOT, Copied, Done, Passport, command_at
from test_log_commands import Logs
from witness_world import World

from passport.errors import LedgerError
from passport.ledger.cosignature import cosignatures
from passport.ledger.merkle import MerkleLog
from passport.ledger.signed_note import SignedNote, parse_note_key
from passport.ledger.witness import AddCheckpoint
from passport.witness_client import WitnessClient

WAIT_S = 60
NOBODY = "http://127.0.0.1:1"


class Serving:
    """A witness that serves in a process of its own: its URL and key, and afterwards its log."""

    def __init__(self, now: datetime, folder: Path, *options: object) -> None:
        self.process = subprocess.Popen(
            command_at(now, "log", "witness-serve", folder, "--port", "0", "--json", *options),
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        told = self.process.stdout.readline()
        assert told, self.process.communicate(timeout=WAIT_S)
        document: dict[str, Any] = json.loads(told)
        self.url, self.key = document["url"], document["key"]
        self.log: list[str] = []

    def ends(self, how: signal.Signals = signal.SIGTERM) -> list[str]:
        if self.process.poll() is None:
            self.process.send_signal(how)
        self.log = self.process.communicate(timeout=WAIT_S)[1].splitlines()
        return self.log


@contextmanager
def serving(now: datetime, folder: Path, *options: object) -> Iterator[Serving]:
    started = Serving(now, folder, *options)
    try:
        yield started
    finally:
        started.ends()


class Setting(Logs):
    """The demonstration's world with an exported log, and how witnesses are asked about it."""

    def ask(self, *urls: str, more: tuple[object, ...] = ()) -> Done:
        asked = [part for url in urls for part in ("--witness", url)]
        return self.passport("log", "cosign", self.exported, *asked, "--unsafe-private-witnesses", *more, "--json")

    def grow(self) -> None:
        done = self.passport("anchor", "--steady", *self.world.at("weserbogen-traktion"))
        assert done.code == 0, done.err
        self.export()


@pytest.fixture
def logs(world: Copied, passport: Passport) -> Setting:
    return Setting(world, passport)


def test_two_of_three_cosign_over_http(logs: Setting, passport: Passport, now: datetime) -> None:
    """The third does not answer; as the log grows, its tiles prove it, and whoever judges believes the two."""
    log_key = logs.export()
    witnesses = [logs.witness(name) for name in ("w1", "w2", "w3")]
    for folder, _ in witnesses:
        assert passport("log", "witness", folder, "--trust-log", log_key, *logs.phrase).code == 0
    trust = ("--trust", logs.trusting(2, *(key for _, key in witnesses)))
    at_chain = ("--workspace", logs.world.folder / "auditor", *trust)
    with (
        serving(now, witnesses[0][0], *logs.phrase) as one,
        serving(now, witnesses[1][0], *logs.phrase, "--prefix", "/w2", "--pace", "0") as two,
    ):
        assert (one.key, two.key) == (witnesses[0][1], witnesses[1][1])
        assert two.url.endswith("/w2")
        alone = logs.ask(one.url, more=trust)
        assert (alone.code, alone.json["cosigned_by"], alone.json["threshold"]) == (3, ["w1.example"], 2)
        done = logs.ask(one.url, NOBODY, two.url, more=trust)
        assert done.code == 0, done.err
        assert done.json["cosigned_by"] == ["w1.example", "w2.example"]
        assert [each["outcome"] for each in done.json["witnesses"]] == ["cosigned", "unreachable", "cosigned"]
        verified = passport("log", "verify", logs.exported, *at_chain, "--json")
        assert {row["id"]: row["outcome"] for row in verified.json["checks"]}["witnesses"] == "passed"
        old_size = done.json["size"]
        logs.grow()
        grown = logs.ask(two.url, more=trust)
        assert (grown.code, grown.json["size"] > old_size) == (3, True)
        shown = passport(
            *("log", "cosign", logs.exported, "--witness", two.url, "--witness", NOBODY),
            *("--unsafe-private-witnesses", "--threshold", "3", *trust),
        )
        assert shown.code == 3
        assert f"cosigned     {two.url}  w2.example\n" in shown.out
        assert "cosigned by 1 of 3 trusted witnesses; it takes 3" in shown.out
    lines = [json.loads(line) for line in two.log if line.startswith("{")]
    # First asked from where the other one stands, and then from where this one does.
    assert [(line["logger"], line["path"], line["status"]) for line in lines] == [
        ("api.requests", "/w2/add-checkpoint", status) for status in (409, 200, 200, 200)
    ]
    assert not [line for line in one.log + two.log if "PRIVATE" in line or "Traceback" in line]


def test_a_log_is_watched_while_the_witness_runs(logs: Setting, passport: Passport, now: datetime) -> None:
    """Not known, then known: witness.json is read anew. A broken one changes nothing, and is said once."""
    log_key = logs.export()
    folder, key = logs.witness("w1")
    with serving(now, folder, *logs.phrase) as witness:
        unknown = logs.ask(witness.url, more=("--witness-key", key))
        assert (unknown.code, "does not know the log" in unknown.json["witnesses"][0]["found"]) == (1, True)
        assert passport("log", "witness", folder, "--trust-log", log_key, *logs.phrase).code == 0
        assert logs.ask(witness.url, more=("--witness-key", key)).code == 0
        (folder / "witness.json").write_text("{")
        for _ in range(2):
            assert logs.ask(witness.url, more=("--witness-key", key)).code == 0
    assert len([line for line in witness.log if "cannot be read anew" in line]) == 1


def test_who_is_asked_and_who_counts(logs: Setting, passport: Passport) -> None:
    logs.export()
    folder, key = logs.witness("w1")
    other = logs.witness("w2")[1]
    private = passport("log", "cosign", logs.exported, "--witness", NOBODY, "--witness-key", key, "--json")
    assert private.code == 1
    assert "not a public one" in private.json["witnesses"][0]["found"]
    cases: list[tuple[tuple[object, ...], int, str]] = [
        (("--witness-key", key), 2, "nobody to ask"),
        (("--witness", NOBODY), 2, "no witness is trusted"),
        (("--witness", NOBODY, "--witness-key", "nonsense"), 1, "not the public key of a note"),
        (("--witness", "w1.example", "--witness-key", key), 3, "not the address of a node"),
        (
            ("--witness", NOBODY, "--witness-key", key, "--witness-key", other, "--threshold", "1"),
            1,
            "more than half",
        ),
    ]
    for options, code, said in cases:
        done = passport("log", "cosign", logs.exported, "--workspace", logs.exported, *options)
        assert (done.code, said in done.err) == (code, True), done.err
    assert passport("log", "witness-serve", logs.exported, *logs.phrase).code == 2
    (folder / "cosigned.db").unlink()
    gone = passport("log", "witness-serve", folder, *logs.phrase)
    assert (gone.code, "with it its memory" in gone.err) == (3, True)


def test_contradictions_are_written_out(logs: Setting, passport: Passport, tmp_path: Path) -> None:
    """Both notes of a log that showed two roots for one size."""
    found = World(tmp_path / "unused.db")
    found.grow(4)
    folder, _ = logs.witness("w1")
    assert passport("log", "witness", folder, "--trust-log", found.log_key.text, *logs.phrase).code == 0
    request = tmp_path / "request.txt"
    request.write_bytes(found.request(0).to_bytes())
    assert passport("log", "witness", folder, "--request", request, *logs.phrase).code == 0
    shown = found.note(bytes(range(32)))
    request.write_bytes(AddCheckpoint(4, (), shown).to_bytes())
    done = passport("log", "witness", folder, "--request", request, *logs.phrase)
    assert (done.code, "two histories" in done.err) == (1, True)
    written = passport("log", "witness", folder, "--evidence", tmp_path / "found", *logs.phrase, "--json")
    assert (written.code, written.json["contradictions"]) == (0, 1)
    assert (tmp_path / "found" / "1-shown.txt").read_bytes() == shown.to_bytes()
    assert (tmp_path / "found" / "1-held.txt").read_text("utf-8").startswith(found.note().text)


class Liar:
    """A log that shows two histories from some size on, and everything that anybody ever cosigned of either."""

    def __init__(self, world: World, key: str) -> None:
        self.world, self.key = world, parse_note_key(key)
        self.histories = (MerkleLog(), MerkleLog())
        self.cosigned: set[tuple[int, bytes]] = set()
        self.refusals = 0

    def grow(self, shared: int) -> None:
        """Both histories a step longer, the same as far as they share it."""
        size = len(self.histories[0])
        for number, log in enumerate(self.histories):
            log.extend([bytes([0 if size < shared else number, size]) * 16])

    def ask(self, client: WitnessClient, number: int, old_size: int) -> None:
        """Ask for a cosignature of one of the two; whoever is killed while asked answers nothing."""
        log = self.histories[number]
        size = len(log)
        note = self.world.note(log.root(), size=size)
        proof = log.consistency_proof(old_size) if 0 < old_size <= size else ()
        try:
            lines = client.add_checkpoint(AddCheckpoint(old_size, proof, note))
        except LedgerError:
            self.refusals += 1
            return
        assert cosignatures(SignedNote(note.text, lines), [self.key])
        self.cosigned.add((size, log.root()))


def test_two_processes_on_one_folder_killed_over_and_over(
    logs: Setting, passport: Passport, now: datetime, tmp_path: Path
) -> None:
    """A lying log asks both at once, for both histories, from every size; one process is killed each time.

    Whatever was cosigned in all that, by whichever process, is one history. The clock stands still, so pace is off.
    """
    folder, key = logs.witness("w1")
    liar = Liar(World(tmp_path / "unused.db"), key)
    assert passport("log", "witness", folder, "--trust-log", liar.world.log_key.text, *logs.phrase).code == 0
    options = (*logs.phrase, "--pace", "0")
    with ExitStack() as stack:
        running = [stack.enter_context(serving(now, folder, *options)) for _ in range(2)]
        for number in range(4):
            liar.grow(shared=2)
            size = len(liar.histories[0])
            victim = running[number % 2]
            clients = [WitnessClient(each.url, unsafe_private=True) for each in running for _ in range(4)]
            start = threading.Barrier(len(clients) + 1)

            def work(at: int, clients: list[WitnessClient] = clients, size: int = size) -> None:
                start.wait()  # noqa: B023  (each round waits for its own threads before the next begins)
                for old_size in range(size + 1):
                    liar.ask(clients[at], at % 2, old_size)

            threads = [threading.Thread(target=work, args=(at,)) for at in range(len(clients))]
            for thread in threads:
                thread.start()
            start.wait()
            victim.process.kill()
            for thread in threads:
                thread.join()
            for client in clients:
                client.close()
            victim.ends()
            running[number % 2] = stack.enter_context(serving(now, folder, *options))
        last = WitnessClient(running[0].url, unsafe_private=True)
        with contextlib.closing(last):
            for which in (0, 1):
                for old_size in range(6):
                    liar.ask(last, which, old_size)
    sizes = [size for size, _ in liar.cosigned]
    assert len(sizes) == len(set(sizes)), "two roots for one size"
    assert max(sizes) == 4
    assert any(all(log.root(size) == root for size, root in liar.cosigned) for log in liar.histories)
    assert liar.refusals > len(sizes)


def test_a_folder_that_was_copied_back_is_found_out(logs: Setting, passport: Passport, now: datetime) -> None:
    """All of it, mark included, so that nothing in it tells: the log holds the later cosignature, and shows it."""
    log_key = logs.export()
    folder, key = logs.witness("w1")
    assert passport("log", "witness", folder, "--trust-log", log_key, "--cosign", logs.exported, *logs.phrase).code == 0
    shutil.copytree(folder, folder.with_name("copy"))
    logs.grow()
    with serving(now, folder, *logs.phrase, "--pace", "0") as witness:
        assert logs.ask(witness.url, more=("--witness-key", key)).code == 0
    shutil.rmtree(folder)
    folder.with_name("copy").rename(folder)
    with serving(now, folder, *logs.phrase, "--pace", "0") as witness:
        done = logs.ask(witness.url, more=("--witness-key", key))
        assert done.json["witnesses"][0]["outcome"] == "unreachable"
    assert any("its file knows nothing of" in line for line in witness.log)
    again = passport("log", "witness-serve", folder, *logs.phrase)
    assert (again.code, "put back from an old copy" in again.err) == (3, True)
