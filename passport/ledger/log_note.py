"""A log's checkpoint as a signed note that stands without a chain: C2SP tlog-checkpoint.

    eip155:1:0x...#0x...@0x...       the origin: which log this is
    512                              how many leaves it has
    CsUYapGG...                      the root over them

The origin of a log of ours names everything that makes it this log and no other: the log contract on its chain, the
issuer, and the genesis block, since chains of developers share their ids. See https://c2sp.org/tlog-checkpoint.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass

from passport.errors import ProofError
from passport.ledger.checkpoint import log_key, parse_log_key
from passport.ledger.merkle import HASH_BYTES, MAX_LOG_SIZE
from passport.ledger.signed_note import decode_base64

_SIZE = re.compile(r"(?:0|[1-9]\d{0,18})\Z", re.ASCII)
_GENESIS = re.compile(r"0x[0-9a-f]{64}\Z")


@dataclass(frozen=True, slots=True)
class CheckpointNote:
    """What a checkpoint's text says.

    Args:
        origin: Which log.
        size: Leaves it covers.
        root: RFC 9162 root of those leaves, 32 bytes.
        extensions: Further lines; we write none and make nothing of them.
    """

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The text that is signed, cosigned and timestamped."""
        lines = (self.origin, str(self.size), base64.b64encode(self.root).decode(), *self.extensions)
        return "".join(f"{line}\n" for line in lines)


def parse_checkpoint(text: str) -> CheckpointNote:
    """Read a checkpoint's text; who signed it is another question.

    Raises:
        ProofError: not a checkpoint.
    """
    lines = text.split("\n")
    if len(lines) < 4 or lines.pop() or not all(lines):
        raise ProofError("not a checkpoint", expected="lines with origin, size and root")
    origin, size, root, *extensions = lines
    if not _SIZE.match(size) or int(size) > MAX_LOG_SIZE:
        raise ProofError("not the size of a log", where=origin, found=size)
    decoded = decode_base64(root, "root", origin)
    if len(decoded) != HASH_BYTES:
        raise ProofError("not a root", where=origin, expected=f"{HASH_BYTES} bytes", found=f"{len(decoded)}")
    return CheckpointNote(origin, int(size), decoded, tuple(extensions))


def log_origin(contract: str, issuer_id: str, genesis: str) -> str:
    """The origin line of a log of ours.

    Args:
        contract: CAIP-10 id of the log contract.
        issuer_id: Whose log.
        genesis: Hash of the chain's genesis block, 0x and 64 digits.

    Raises:
        LedgerError: not such ids.
    """
    if not _GENESIS.match(genesis):
        raise ProofError("not the hash of a genesis block", expected="0x and 64 lower-case digits", found=genesis)
    return f"{log_key(contract, issuer_id)}@{genesis}"


def parse_origin(origin: str) -> tuple[str, str, str]:
    """Split the origin of a log of ours into contract, issuer id and genesis.

    Raises:
        LedgerError: not the origin of a log of ours.
    """
    key, _, genesis = origin.partition("@")
    contract, issuer_id = parse_log_key(key)
    if log_origin(contract, issuer_id, genesis) != origin:
        raise ProofError("not the origin of a log", found=origin)
    return contract, issuer_id, genesis
