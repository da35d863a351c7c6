"""Judge a log in static files: are its files whole, does the chain hold its root, who cosigned it, and since when."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from passport.errors import DocumentError, LedgerError, LedgerUnavailableError, ProofError
from passport.ledger.chain_id import Address
from passport.ledger.cosignature import Cosignature, Quorum, check_quorum
from passport.ledger.log_note import parse_origin
from passport.ledger.opentimestamps import verify_opentimestamps
from passport.ledger.passport_log import PassportLogView
from passport.ledger.protocol import StateView
from passport.ledger.registry import RegistryView
from passport.ledger.signed_note import NoteKey
from passport.ledger.tile_reader import Fetch, read_log
from passport.ledger.timestamp_token import Timestamped, verify_token
from passport.log_export import OPENTIMESTAMPS_FILE, RFC3161_FILE, Served, beside, served_checkpoint
from verifier.log_signers import judge_log_signature
from verifier.outcome import Outcome, time_words
from verifier.report import REPORT_SCHEMA_VERSION, Verdict
from verifier.source import Source
from verifier.trust import Trust, TrustedChain

KeysOf = Callable[[str], Iterable[str]]
"""Multikeys at hand that may be an issuer's, by its id; strangers' ones among them do no harm."""


@dataclass(frozen=True, slots=True)
class LogRow:
    """What came of one question.

    Args:
        id: `tiles`, `signature`, `chain`, `witnesses`, `token` or `opentimestamps`.
        outcome: As of every check: `unknown` was asked and not decided, `skipped` was not asked.
        found: What was found: who, how many, when.
    """

    id: str
    outcome: Outcome
    found: str

    def to_json(self) -> dict[str, str]:
        """The row as JSON values."""
        return {"id": self.id, "outcome": str(self.outcome), "found": self.found}


@dataclass(frozen=True, slots=True)
class ExportedLogReport:
    """What judging an exported log found.

    Attributes:
        origin: Which log it says it is.
        size: Leaves in its checkpoint.
        root: Its root.
        rows: One a question.
    """

    origin: str
    size: int
    root: bytes
    rows: tuple[LogRow, ...]

    @property
    def verdict(self) -> Verdict:
        """Passed if the files are whole and the chain, or a quorum of witnesses, stands behind their root.

        Nothing that failed is made good by another row: witnesses do not outweigh a chain that holds another root.
        """
        outcomes = {row.id: row.outcome for row in self.rows}
        if Outcome.FAILED in outcomes.values():
            return Verdict.FAILED
        is_vouched = Outcome.PASSED in (outcomes["chain"], outcomes["witnesses"])
        return Verdict.PASSED if is_vouched and outcomes["tiles"] is Outcome.PASSED else Verdict.UNDECIDED

    def to_json(self) -> dict[str, Any]:
        """The report as JSON values."""
        return {
            "schema_version": REPORT_SCHEMA_VERSION,
            "verdict": str(self.verdict),
            "origin": self.origin,
            "size": self.size,
            "root": "0x" + self.root.hex(),
            "checks": [row.to_json() for row in self.rows],
        }


def judge_exported(
    fetch: Fetch,
    *,
    trust: Trust | None,
    source: Source | None,
    log_keys: Sequence[NoteKey] = (),
    keys_of: KeysOf | None = None,
) -> ExportedLogReport:
    """Judge a log by its files.

    Args:
        fetch: Where they come from.
        trust: The trust file, None when there is none.
        source: Where the chain's state comes from, None when no chain is in reach.
        log_keys: Keys that the log may sign its checkpoints with.
        keys_of: Finds keys at hand that may be an issuer's, by its id, where none are given: the registry then says
            which of them are.

    Raises:
        ProofError: there is no checkpoint that can be read.
        LedgerUnavailableError: there is no checkpoint at hand.
    """
    served = served_checkpoint(fetch)
    if served is None:
        raise LedgerUnavailableError("no checkpoint: not an exported log", hint="`passport log export` writes one")
    rows = (
        _tiles(fetch, served),
        _signature(served, log_keys) if log_keys else _by_registry(served, trust, source, keys_of),
        _chain(served, trust, source),
        _witnesses(served, trust.quorum() if trust else None),
        _token(fetch, served, trust),
        _opentimestamps(fetch, served, trust),
    )
    return ExportedLogReport(served.checkpoint.origin, served.checkpoint.size, served.checkpoint.root, rows)


def _tiles(fetch: Fetch, served: Served) -> LogRow:
    try:
        read_log(fetch, served.checkpoint.size, served.checkpoint.root)
    except ProofError as error:
        return LogRow("tiles", Outcome.FAILED, str(error))
    except LedgerError as error:
        return LogRow("tiles", Outcome.UNKNOWN, str(error))
    return LogRow("tiles", Outcome.PASSED, f"{served.checkpoint.size} entries lead to the root")


def _signature(served: Served, keys: Sequence[NoteKey]) -> LogRow:
    try:
        signed = served.note.signed_by(keys)
    except ProofError as error:
        return LogRow("signature", Outcome.FAILED, str(error))
    return LogRow("signature", Outcome.PASSED, ", ".join(key.key_id.hex() for key in signed))


def _by_registry(served: Served, trust: Trust | None, source: Source | None, keys_of: KeysOf | None) -> LogRow:
    """The signature by the keys that the registry has bound to the issuer, where a chain is trusted and in reach."""
    if trust is None or source is None or keys_of is None:
        return LogRow("signature", Outcome.SKIPPED, "no key of the log was given, and no chain says which are its")
    try:
        contract, issuer_id, genesis = parse_origin(served.checkpoint.origin)
        trusted = _trusted(trust, contract, genesis)
        state = source.state(trusted) if trusted is not None else None
        if trusted is None or state is None:
            return LogRow("signature", Outcome.UNKNOWN, "no chain that is trusted and in reach says which keys are its")
        record = PassportLogView(state, Address(trusted.log)).checkpoint(issuer_id, served.checkpoint.root)
        if record is None or record.size != served.checkpoint.size:
            return LogRow("signature", Outcome.UNKNOWN, "the chain does not hold the checkpoint, so not since when")
        outcome, found = judge_log_signature(
            served.note,
            RegistryView(state, Address(trusted.registry)),
            origin=served.checkpoint.origin,
            issuer_id=issuer_id,
            multikeys=keys_of(issuer_id),
            time=record.time,
            roots=trusted.root_registrars,
        )
        return LogRow("signature", outcome, found)
    except (LedgerError, DocumentError) as error:
        return LogRow("signature", Outcome.UNKNOWN, str(error))


def _chain(served: Served, trust: Trust | None, source: Source | None) -> LogRow:
    if trust is None or source is None:
        return LogRow("chain", Outcome.UNKNOWN, "no chain that is trusted and in reach")
    try:
        contract, issuer_id, genesis = parse_origin(served.checkpoint.origin)
        trusted = _trusted(trust, contract, genesis)
        if trusted is None:
            return LogRow("chain", Outcome.FAILED, "the log is on no chain in the trust file")
        state = source.state(trusted)
        if state is None:
            return LogRow("chain", Outcome.UNKNOWN, "the chain's state is not at hand")
        return _on_chain(served, trusted, state, issuer_id)
    except (LedgerError, DocumentError) as error:
        return LogRow("chain", Outcome.UNKNOWN, str(error))


def _trusted(trust: Trust, contract: str, genesis: str) -> TrustedChain | None:
    return next((each for each in trust.chains if (each.log_caip10(), each.genesis) == (contract, genesis)), None)


def _on_chain(served: Served, trusted: TrustedChain, state: StateView, issuer_id: str) -> LogRow:
    log, checkpoint = PassportLogView(state, Address(trusted.log)), served.checkpoint
    record = log.checkpoint(issuer_id, checkpoint.root)
    if record is not None and record.size == checkpoint.size:
        found = f"checkpoint {record.seq} at block {record.block_number}, {time_words(record.time)}"
        return LogRow("chain", Outcome.PASSED, found)
    head = log.head(issuer_id)
    size = head.size if head else 0
    if size < checkpoint.size:
        return LogRow(
            "chain", Outcome.UNKNOWN, f"the chain's log ends at {size} leaves as of block {state.block.number}"
        )
    return LogRow("chain", Outcome.FAILED, "the chain has gone past that size and does not hold that root")


def _witnesses(served: Served, quorum: Quorum | None) -> LogRow:
    if quorum is None:
        return LogRow("witnesses", Outcome.SKIPPED, "the trust file names no witnesses")
    try:
        cosigned: tuple[Cosignature, ...] = check_quorum(served.note, quorum)
    except ProofError as error:
        # Too few is no contradiction, and a line in somebody's name is easily forged: neither shows anything.
        return LogRow("witnesses", Outcome.UNKNOWN, str(error))
    said = ", ".join(f"{each.witness.name} at {time_words(each.time)}" for each in cosigned)
    return LogRow("witnesses", Outcome.PASSED, f"{len(cosigned)} of {len(quorum.witnesses)}: {said}")


def _token(fetch: Fetch, served: Served, trust: Trust | None) -> LogRow:
    roots = trust.authorities() if trust else ()
    return _timestamp("token", fetch, served, RFC3161_FILE, lambda data, text: verify_token(data, text, roots))


def _opentimestamps(fetch: Fetch, served: Served, trust: Trust | None) -> LogRow:
    headers = trust.headers() if trust else {}
    return _timestamp(
        "opentimestamps",
        fetch,
        served,
        OPENTIMESTAMPS_FILE,
        lambda data, text: verify_opentimestamps(data, text, headers),
    )


def _timestamp(
    name: str, fetch: Fetch, served: Served, file: str, verify: Callable[[bytes, bytes], Timestamped]
) -> LogRow:
    try:
        data = fetch(beside(served.checkpoint.size, file))
        if data is None:
            return LogRow(name, Outcome.SKIPPED, "none beside the checkpoint")
        found = verify(data, served.note.text.encode())
    except ProofError as error:
        return LogRow(name, Outcome.FAILED, str(error))
    except LedgerError as error:
        return LogRow(name, Outcome.UNKNOWN, str(error))
    return LogRow(name, Outcome.PASSED, f"there by {time_words(found.time)}, says {found.by}")
