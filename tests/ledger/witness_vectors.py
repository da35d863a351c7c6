"""Requests to a witness with the status codes that another implementation gives them, typed in from its tests.

The table of Sunlight's witness (FiloSottile/sunlight, `internal/witness/witness_test.go`, ISC), in its order: each
request meets what the ones before it left behind. Its log is the one of torchwood's tests, whose leaves are made-up
hashes: 0x2a, a number, and zeros. One line differs: its invalid signature is not base64 in the one spelling that there
is, which Go's reader takes and ours refuses as malformed; here it is another signature, and the original is beside it.
"""

from __future__ import annotations

from typing import NamedTuple

from passport.ledger.signed_note import NoteAlgorithm, NoteKey

ORIGIN = "sigsum.org/v1/tree/4d6d8825a6bb689d459628312889dfbb0bcd41b5211d9e1ce768b0ff0309e562"
LOG_KEY = NoteKey(
    ORIGIN,
    NoteAlgorithm.ED25519,
    bytes.fromhex("ffdc2d4d98e4124d3feaf788c0c2f9abfd796083d1f0495437f302ec79cf100f"),
)
LEAVES = [f"Kg{second}" + "A" * 39 + "=" for second in ("AA", "EA", "IA", "MA", "QA")]
ROOT_3, ROOT_5 = "RcCI1Nk56ZcSmIEfIn0SleqtV7uvrlXNccFx595Iwl0=", "QrtXrQZCCvpIgsSmOsah7HdICzMLLyDfxToMql9WTjY="
SIGNED_1 = "UgIom7fPZTqpxWWhyjWduBvTvGVqsokMbqTArsQilegKoFBJQjUFAmQ0+YeSPM3wfUQMFSzVnnNuWRTYrajXpNUbIQY="
SIGNED_3 = "UgIom2VbtIcdFbwFAy1n7s6IkAxIY6J/GQOTuZF2ORV39d75cbAj2aQYwyJre36kezNobZs4SUUdrcawfAB8WVrx6go="
SIGNED_5 = "UgIomw/EOJmWi0i1FQsOj+etB7F8IccFam/jgd6wzRns4QPVmyEZtdvl1U2KEmLOZ/ASRcWJi0tW90dJWAShei7sDww="
SIGNED_FIVE = "UgIom4JTC2MerrFcJ5xDcWHzRPVB6zzGBIw4OFqcKDflqjH4q4xY5vMxUxyczvdIlEwFYf7ivQU4KoWan2bLmzLx0go="
TO_3 = (LEAVES[1], LEAVES[2])
FROM_1_TO_5 = (LEAVES[1], "+fUDV+k970B4I3uKrqJM4aP1lloPZP8mvr2Z4wRw2LI=", LEAVES[4])
FROM_3_TO_5 = (LEAVES[2], LEAVES[3], "wgiIFdZfYNv6WU1OllBKsWnLYIS/DBMqt8Uh/S4OukE=", LEAVES[4])


class Vector(NamedTuple):
    """A request and what came of it: status, and the body where it is a size."""

    name: str
    body: bytes
    status: int
    answer: bytes | None = None


def _request(
    old: int, proof: tuple[str, ...], size: str, root: str, signature: str | None, *, origin: str = ORIGIN
) -> bytes:
    text = f"{origin}\n{size}\n{root}\n"
    signed = text if signature is None else f"{text}\n\u2014 {origin} {signature}\n"
    return ("\n".join([f"old {old}", *proof, "", ""]) + signed).encode()


TABLE = [
    Vector("first cosignature at size 1", _request(0, (), "1", LEAVES[0], SIGNED_1), 200),
    Vector("invalid signature", _request(1, TO_3, "3", ROOT_3, SIGNED_3[:-2] + "s="), 403),
    Vector("unknown log", _request(1, TO_3, "3", ROOT_3, SIGNED_3, origin=ORIGIN[:-1] + "3"), 404),
    Vector("missing consistency proof", _request(1, (), "3", ROOT_3, SIGNED_3), 422),
    Vector(
        "wrong consistency proof",
        _request(1, (LEAVES[1], LEAVES[2][:-3] + "BA="), "3", ROOT_3, SIGNED_3),
        422,
    ),
    Vector("grow to size 3", _request(1, TO_3, "3", ROOT_3, SIGNED_3), 200),
    Vector("old size doesn't match current", _request(1, FROM_1_TO_5, "5", ROOT_5, SIGNED_5), 409, b"3\n"),
    Vector("grow to size 5", _request(3, FROM_3_TO_5, "5", ROOT_5, SIGNED_5), 200),
    Vector("old size 0 doesn't match current", _request(0, (), "5", ROOT_5, SIGNED_5), 409, b"5\n"),
    Vector("syntactically invalid note", _request(5, (), "5", ROOT_5, None), 400),
    Vector("invalid checkpoint body", _request(5, (), "five", LEAVES[0], SIGNED_FIVE), 400),
]
MISSPELT = _request(1, TO_3, "3", ROOT_3, SIGNED_3[:-2] + "x=")
"""The original of `invalid signature`: 403 there, 400 here."""

TOO_MANY_PROOFS = _request(0, (LEAVES[1],) * 64, "1", LEAVES[0], SIGNED_1)
"""torchwood's `TestTooManyProofs`: 400."""
