"""Sign and verify batches of passports in two processes, against one.

Time is that of the clock on the wall: what several processes take together is no processor time of this one.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import islice

from benchmarks.bench import Bench
from benchmarks.products import SMALL_BYTES
from benchmarks.result import Result, rate
from benchmarks.world import NOW
from passport.credentials import (
    FilePassphrase,
    KeyDidResolver,
    Signer,
    generate_credential_key,
    jcs,
    key_lookup,
    open_signer,
    parse_canonical,
)
from passport.credentials.batch import CHUNK, Held, sign_batch, verify_batch
from passport.credentials.key_files import write_private_file
from passport.credentials.proof import Signed

_DOCUMENTS = 30_000
_WARM = 16 * CHUNK
"""So many results come before the clock is looked at: processes have started then, and have their keys."""

Batched = Callable[[Iterable[bytes], int], Iterable[object]]


def run(bench: Bench) -> Iterator[Result]:
    """Ours are two processes, the reference is one, in turns; the best try of each counts."""
    open_here = _opener(bench)
    documents = [parse_canonical(signed) for signed in bench.passports(SMALL_BYTES)]
    for document in documents:
        del document["proof"]
        document["issuer"]["id"] = open_here().verification_method.partition("#")[0]
    count = bench.count(_DOCUMENTS, quick=4_000)
    unsigned = _many([jcs(document) for document in documents], count)

    def sign(bodies: Iterable[bytes], processes: int) -> Iterable[object]:
        return sign_batch(bodies, open_here, NOW, processes=processes)

    yield _scaled(bench, "sign_batch", "sign and hash", sign, unsigned, Signed)
    signed = [each.body for each in sign(unsigned[: len(documents)], 1) if isinstance(each, Signed)]

    def verify(bodies: Iterable[bytes], processes: int) -> Iterable[object]:
        lookup = partial(key_lookup, KeyDidResolver())
        return verify_batch(bodies, lookup, processes=processes, canonical=True)

    yield _scaled(bench, "verify_batch", "verify the signatures of", verify, _many(signed, count), Held)


def _opener(bench: Bench) -> Callable[[], Signer]:
    """What opens a key of its own in each process."""
    folder = bench.folder / "batches"
    folder.mkdir()
    key, passphrase = folder / "key.pem", folder / "passphrase"
    generate_credential_key(key, b"of no account")
    write_private_file(passphrase, b"of no account\n")
    return partial(open_signer, f"file:{key}", passphrase=FilePassphrase(passphrase))


def _many(bodies: list[bytes], count: int) -> list[bytes]:
    return (bodies * (count // len(bodies) + 1))[:count]


def _scaled(bench: Bench, name: str, verb: str, work: Batched, bodies: list[bytes], sound: type[object]) -> Result:
    one, two = [], []
    for _ in range(bench.tries + 1):
        one.append(_seconds_each(work, bodies, 1, sound))
        two.append(_seconds_each(work, bodies, 2, sound))
    return rate(
        f"{name}_2",
        f"{verb} {len(bodies):,} passports of {SMALL_BYTES:,} bytes in two processes, once they run",
        ours_s=min(two),
        reference_s=min(one),
        reference_name="the same in one process",
        unit="passports/s",
        goal=1.8,
    )


def _seconds_each(work: Batched, bodies: list[bytes], processes: int, sound: type[object]) -> float:
    warm = min(_WARM, len(bodies) // 2)
    results = iter(work(bodies, processes))
    found = list(islice(results, warm))
    start = time.perf_counter()
    found.extend(results)
    seconds = time.perf_counter() - start
    if len(found) != len(bodies) or not all(isinstance(each, sound) for each in found):
        raise ValueError("a sound passport was refused")
    return seconds / (len(bodies) - warm)
