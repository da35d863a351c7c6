"""Sign or verify many documents in several processes, for whoever has more of them than one core gets done in time.

Documents travel as bytes, and of a verification only a hash comes back, so that next to nothing is done twice. Keys do
not travel: each process opens its signer by itself. The processes are started anew and not forked, which is safe beside
threads; a script that uses this needs the usual `if __name__ == "__main__":`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from multiprocessing import get_context
from multiprocessing.reduction import ForkingPickler
from pickle import PicklingError
from typing import Final, NamedTuple, Protocol, TypeVar, cast

from passport.credentials.canonical import parse
from passport.credentials.keys import Signer
from passport.credentials.proof import KeyLookup, Signed, sign_document, verify_secured
from passport.credentials.untp_credential import Envelope
from passport.credentials.vc_jwt import sign_vc_jwt, verify_vc_jwt
from passport.errors import PassportError, SchemaError, UsageError
from passport.model.digest import Digest

CHUNK: Final = 64
"""How many documents travel together: few enough that all processes have work, enough that sending costs little."""

_AHEAD: Final = 4  # chunks for each process that are sent before the first of them is taken back

Found = TypeVar("Found", covariant=True)


class Held(NamedTuple):
    """A signature that holds.

    Attributes:
        doc_hash: SHA-256 of the document's canonical form without its proof.
        verification_method: The DID URL of the key that signed.
    """

    doc_hash: Digest
    verification_method: str


def sign_batch(
    documents: Iterable[bytes],
    open_here: Callable[[], Signer],
    created: datetime,
    *,
    processes: int,
    envelope: Envelope = Envelope.EMBEDDED,
) -> Iterator[Signed | PassportError]:
    """Sign documents, and give them back in their order; one that cannot be signed gives its error in its place.

    Args:
        documents: As JSON without a proof, in any layout; read as they are needed.
        open_here: Opens the signer, once in each process. It is sent there and must be picklable, for example
            `partial(open_signer, "file:keys/credential-1.pem", passphrase=FilePassphrase(path))`.
        created: When, aware. A `vc+jwt` does not say it.
        processes: How many.
        envelope: What the signatures stand in.

    Raises:
        UsageError: Fewer processes than one, `created` has no time zone, or `open_here` cannot be sent to a process.
        SignerError: The signer cannot be opened.
    """
    if created.tzinfo is None:
        raise UsageError("the time of signing has no time zone", found=created.isoformat())
    return _in_processes(documents, _Signing(open_here, created, envelope), processes)


def verify_batch(
    bodies: Iterable[bytes],
    open_lookup: Callable[[], KeyLookup],
    *,
    processes: int,
    canonical: bool = False,
    at: datetime | None = None,
    envelope: Envelope = Envelope.EMBEDDED,
) -> Iterator[Held | PassportError]:
    """Verify signatures, in the order of the documents; one that does not hold gives its error in its place.

    Args:
        bodies: Signed documents as received; read as they are needed.
        open_lookup: Makes what finds the key of a verification method, once in each process; picklable like the above,
            for example `partial(key_lookup, KeyDidResolver())`.
        processes: How many.
        canonical: Demand the canonical form.
        at: The moment at which what expires must still hold (aware).
        envelope: What the signatures stand in.

    Raises:
        UsageError: Fewer processes than one, or `open_lookup` cannot be sent to another process.
    """
    return _in_processes(bodies, _Verifying(open_lookup, canonical, at, envelope), processes)


class _Work(Protocol[Found]):
    """What a process does; made where it is asked for, opened where it is done."""

    def opened(self) -> Callable[[bytes], Found]:
        """What to do with each document."""
        ...


@dataclass(frozen=True, slots=True)
class _Signing:
    open_here: Callable[[], Signer]
    created: datetime
    envelope: Envelope

    def opened(self) -> Callable[[bytes], Signed]:
        signer = self.open_here()

        def sign(data: bytes) -> Signed:
            document = parse(data)
            if not isinstance(document, dict):
                raise SchemaError("not a document", expected="a JSON object", found=type(document).__name__)
            if self.envelope is Envelope.JWT:
                return sign_vc_jwt(document, signer)
            return sign_document(document, signer, self.created)

        return sign


@dataclass(frozen=True, slots=True)
class _Verifying:
    open_lookup: Callable[[], KeyLookup]
    canonical: bool
    at: datetime | None
    envelope: Envelope

    def opened(self) -> Callable[[bytes], Held]:
        verify = verify_vc_jwt if self.envelope is Envelope.JWT else verify_secured
        lookup = self.open_lookup()

        def held(data: bytes) -> Held:
            found = verify(data, lookup, canonical=self.canonical, at=self.at)
            return Held(found.doc_hash, found.verification_method)

        return held


_opened: list[Callable[[bytes], object]] = []  # in a process that works: its one job


def _done(work: _Work[Found], chunk: Sequence[bytes]) -> list[Found | PassportError]:
    """What comes of each document, in a process of its own."""
    if not _opened:
        _opened.append(work.opened())
    do = cast("Callable[[bytes], Found]", _opened[0])
    found: list[Found | PassportError] = []
    for data in chunk:
        try:
            found.append(do(data))
        except PassportError as error:
            found.append(error)
    return found


def _in_processes(documents: Iterable[bytes], work: _Work[Found], processes: int) -> Iterator[Found | PassportError]:
    """Send documents ahead, few enough that memory stays bounded, and give back what comes of them in order."""
    if processes < 1:
        raise UsageError("no process to work in", expected="1 or more", found=processes)
    try:
        ForkingPickler.dumps(work)  # now: a pool that meets what it cannot send waits for ever (Python 3.11)
    except (PicklingError, AttributeError, TypeError) as error:
        raise UsageError(
            f"what opens the keys cannot be sent to another process: {error}",
            hint="hand over a function of a module, or a functools.partial of one",
        ) from error
    return _taken_back(iter(documents), work, processes)


def _taken_back(documents: Iterator[bytes], work: _Work[Found], processes: int) -> Iterator[Found | PassportError]:
    waiting: deque[Future[list[Found | PassportError]]] = deque()
    pool = ProcessPoolExecutor(processes, mp_context=get_context("spawn"))
    try:
        while True:
            while len(waiting) < _AHEAD * processes and (chunk := list(islice(documents, CHUNK))):
                waiting.append(pool.submit(_done, work, chunk))
            if not waiting:
                return
            yield from waiting.popleft().result()
    except BrokenProcessPool as error:
        raise UsageError(
            "a process ended while it worked",
            hint='put what the script runs under `if __name__ == "__main__":`; or memory ran out',
        ) from error
    finally:
        pool.shutdown(cancel_futures=True)
