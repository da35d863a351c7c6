"""OpenTimestamps: the reference client's own examples, and proofs put together here.

`HELLO` is `hello-world.txt.ots` among the examples of the reference clients (opentimestamps-client, and
javascript-opentimestamps 0.4.9), which Bitcoin block 358391 of 2015 attests.
"""

from __future__ import annotations

from hashlib import sha256

import pytest
from Crypto.Hash import RIPEMD160, SHA1, keccak
from hypothesis import given
from hypothesis import strategies as st

from passport.errors import LedgerUnavailableError, ProofError
from passport.ledger.opentimestamps import BitcoinHeader, attestations, verify_opentimestamps

MAGIC = "004f70656e54696d657374616d7073000050726f6f6600bf89e2e884e89294"
HELLO_TEXT = b"Hello World!\n"
HELLO = bytes.fromhex(
    "004f70656e54696d657374616d7073000050726f6f6600bf89e2e884e89294010803ba204e50d126e4674c005e04d82e84c21366780af1f4"
    "3bd54a37816b6ab34003f1c8010100000001e482f9d32ecc3ba657b69d898010857b54457a90497982ff56f97c4ec58e6f98010000006b48"
    "3045022100b253add1d1cf90844338a475a04ff13fc9e7bd242b07762dea07f5608b2de367022000b268ca9c3342b3769cdd062891317cdc"
    "ef87aac310b6855e9d93898ebbe8ec0121020d8e4d107d2b339b0050efdd4b4a09245aa056048f125396374ea6a2ab0709c6ffffffff0265"
    "33e605000000001976a9140bf057d40fbba6744862515f5b55a2310de5772f88aca0860100000000001976a914f00688ac000000000808f1"
    "20a987f716c533913c314c78e35d35884cac943fa42cac49d2b2c69f4003f85f880808f120dec55b3487e1e3f722a49b55a7783215862785"
    "f4a3acb392846019f71dc64a9d0808f120b2ca18f485e080478e025dab3d464b416c0e1ecb6629c9aefce8c8214d0424320808f02011b0e9"
    "0661196ff4b0813c3eda141bab5e91604837bdf7a0c9df37db0e3a11980808f020c34bc1a4a1093ffd148c016b1e664742914e939efabe4d"
    "3d356515914b26d9e20808f020c3e6e7c38c69f6af24c2be34ebac48257ede61ec0a21b9535e4443277be306460808f1200798bf8606e000"
    "24e5d5d54bf0c960f629dfb9dad69157455b6f2652c0e8de810808f0203f9ada6d60baa244006bb0aad51448ad2fafb9d4b6487a0999cff2"
    "6b91f0f5360808f120c703019e959a8dd3faef7489bb328ba485574758e7091f01464eb65872c975c80808f020cbfefff513ff84b915e3fe"
    "d6f9d799676630f8364ea2a6c7557fad94a5b5d7880808f1200be23709859913babd4460bbddf8ed213e7c8773a4b1face30f8acfdf093b7"
    "050808000588960d73d7190103f7ef15"
)
BLOCK_358391 = BitcoinHeader(
    358_391,
    bytes.fromhex(
        "02000000b96394585a281b7e5f438fd1c9ed492645a1fd61cb3802040000000000000000007ee445d23ad061af4a36b809501fab1ac4f2"
        "d7e7a739817dd0cbb7ec661b8a1e376755f58616186272def6"
    ),
)

DIGEST = sha256(b"x").digest()
BITCOIN = bytes.fromhex("0588960d73d71901")
PENDING = bytes.fromhex("83dfe30d2ef90c8e")


def proof_of(message: bytes, operations: bytes) -> bytes:
    return bytes.fromhex(MAGIC) + b"\x01\x08" + sha256(message).digest() + operations


def in_block(height: int) -> bytes:
    return b"\x00" + BITCOIN + bytes([1, height])


def header(height: int, root: bytes, time: int = 1_700_000_000) -> BitcoinHeader:
    return BitcoinHeader(height, bytes(36) + root + time.to_bytes(4, "little") + bytes(8))


def test_the_block_of_the_example() -> None:
    """Header, hash, Merkle root and time of block 358391 as every Bitcoin node has them."""
    assert BLOCK_358391.hash == "000000000000000003e892881a8cdcdc117c06d444057c98b6f04a9ee75a2319"
    displayed = "8a1b66ecb7cbd07d8139a7e7d7f2c41aab1f5009b8364aaf61d03ad245e47e00"
    assert BLOCK_358391.merkle_root[::-1].hex() == displayed
    assert BLOCK_358391.time == 1_432_827_678


def test_the_complete_example() -> None:
    found = verify_opentimestamps(HELLO, HELLO_TEXT, {358_391: BLOCK_358391})
    assert (found.time, found.by) == (1_432_827_678, "Bitcoin block 358391")


def test_the_complete_example_without_its_block() -> None:
    with pytest.raises(LedgerUnavailableError, match="header of the Bitcoin block is not known"):
        verify_opentimestamps(HELLO, HELLO_TEXT, {})


def test_the_complete_example_in_a_block_of_another_root() -> None:
    with pytest.raises(ProofError, match="another Merkle root"):
        verify_opentimestamps(HELLO, HELLO_TEXT, {358_391: header(358_391, bytes(32))})


def test_the_complete_example_of_another_file() -> None:
    with pytest.raises(ProofError, match="of another file"):
        verify_opentimestamps(HELLO, HELLO_TEXT + b"\n", {358_391: BLOCK_358391})


@given(st.integers(len(MAGIC) // 2, len(HELLO) - 1), st.integers(0, 7))
def test_no_bit_of_the_example_may_differ(at: int, bit: int) -> None:
    """Whatever is flipped, the proof does not hold, or decides nothing."""
    bent = bytearray(HELLO)
    bent[at] ^= 1 << bit
    with pytest.raises((ProofError, LedgerUnavailableError)):
        verify_opentimestamps(bytes(bent), HELLO_TEXT, {358_391: BLOCK_358391})


@given(st.integers(0, len(HELLO) - 1))
def test_a_proof_cut_short(length: int) -> None:
    with pytest.raises(ProofError, match=r"cut short|not an OpenTimestamps proof"):
        verify_opentimestamps(HELLO[:length], HELLO_TEXT, {358_391: BLOCK_358391})


def test_a_pending_one_decides_nothing() -> None:
    calendar = b"https://alice.btc.calendar.opentimestamps.org"
    promise = b"\x00" + PENDING + bytes([len(calendar) + 1, len(calendar)]) + calendar
    with pytest.raises(LedgerUnavailableError, match=r"pending.*alice"):
        verify_opentimestamps(proof_of(b"x", promise), b"x", {358_391: BLOCK_358391})


def test_an_unknown_attestation_decides_nothing() -> None:
    with pytest.raises(LedgerUnavailableError, match="another kind"):
        verify_opentimestamps(proof_of(b"x", b"\x00" + bytes(8) + b"\x01\x07"), b"x", {})


def test_one_good_branch_is_enough() -> None:
    """A fork: a calendar's promise, a block we do not know, and one that we do; worked by hand."""
    digest = sha256(b"x").digest()
    root = sha256(digest + b"!").digest()
    branches = b"\xff\x00" + PENDING + b"\x02\x01c" + b"\xff" + in_block(9) + b"\xf0\x01!\x08" + in_block(7)
    proof = proof_of(b"x", branches)
    assert [(each.height, each.calendar) for each in attestations(proof, b"x")] == [(None, "c"), (9, None), (7, None)]
    assert verify_opentimestamps(proof, b"x", {7: header(7, root)}).by == "Bitcoin block 7"
    both = {7: header(7, root, 300), 9: header(9, digest, 200)}
    assert verify_opentimestamps(proof, b"x", both).time == 200


@pytest.mark.parametrize(
    ("operation", "result"),
    [
        (b"\x02", SHA1.new(DIGEST).digest()),
        (b"\x03", RIPEMD160.new(DIGEST).digest()),
        (b"\x67", keccak.new(digest_bits=256, data=DIGEST).digest()),
        (b"\xf2", DIGEST[::-1]),
        (b"\xf3", DIGEST.hex().encode()),
    ],
    ids=["sha1", "ripemd160", "keccak256", "reverse", "hexlify"],
)
def test_operations(operation: bytes, result: bytes) -> None:
    """Against pycryptodome; that RIPEMD-160 is Bitcoin's own is shown by the complete example."""
    (found,) = attestations(proof_of(b"x", operation + in_block(1)), b"x")
    assert found.message == result


@pytest.mark.parametrize(
    ("operations", "reason"),
    [
        (b"\x01" + in_block(1), "does not have"),
        (b"\xf0\x00" + in_block(1), "does nothing"),
        (b"\xf0\xff\xff\x03" + bytes(70_000), "too long"),
        (b"\xff" * 300, "forks too deeply"),
        (b"\xf2" * 20_000, "too many operations"),
        (b"\xf3" * 8 + in_block(1), "too long a message"),
        (in_block(1) + b"\x00", "goes on after its end"),
        (b"\x00" + BITCOIN + b"\x02\x01\x01", "goes on after its end"),
        (b"\x00" + BITCOIN + b"\x0a" + b"\xff" * 10, "too large"),
    ],
    ids=["operation", "empty", "argument", "forks", "steps", "message", "rest", "payload", "number"],
)
def test_malformed_proofs(operations: bytes, reason: str) -> None:
    with pytest.raises(ProofError, match=reason):
        attestations(proof_of(b"x", operations), b"x")


def test_other_files() -> None:
    with pytest.raises(ProofError, match="of version 1"):
        attestations(bytes.fromhex(MAGIC) + b"\x02\x08" + bytes(32), b"x")
    with pytest.raises(ProofError, match="not of a SHA-256"):
        attestations(bytes.fromhex(MAGIC) + b"\x01\x02" + bytes(20), b"x")
    with pytest.raises(ProofError, match="at most"):
        attestations(bytes(2_000_000), b"x")
    with pytest.raises(ProofError, match="80 bytes"):
        BitcoinHeader(1, bytes(79))
