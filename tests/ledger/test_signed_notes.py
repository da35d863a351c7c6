"""Signed notes, checkpoints and cosignatures against what is published of them.

`PETER` is the key and note of Go's own tests (golang.org/x/mod, `sumdb/note/note_test.go`, BSD-3-Clause); the poem is
the example of C2SP signed-note, the sofa that of C2SP tlog-cosignature (CC BY 4.0), `WIT1` a pair of keys in the tests
of transparency-dev/tessera (Apache-2.0).
"""

from __future__ import annotations

import base64
import itertools

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from passport.errors import LedgerError, ProofError
from passport.ledger.cosignature import Quorum, check_quorum, cosign, cosignatures, cosigned_message
from passport.ledger.log_note import CheckpointNote, log_origin, parse_checkpoint, parse_origin
from passport.ledger.signed_note import (
    NoteAlgorithm,
    NoteKey,
    NoteSignature,
    SignedNote,
    parse_note,
    parse_note_key,
    sign_note,
)

PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PETER_SECRET = "AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
PETER_TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
PETER_NOTE = (
    PETER_TEXT
    + "\n\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6"
    "RyyBwJnAM=\n"
)
POEM = (
    "Ognuno sta solo sul cuor della terra\ntrafitto da un raggio di sole:\n\ned \u00e8 subito sera.\n\n"
    "\u2014 quasimodo.example/salvatore NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwa"
    "qP3ZekRwNtIc=\n"
)
SOFA = (
    "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
    "\u2014 example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyW"
    "E+xeMcTOAYQ8=\n"
    "\u2014 witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo"
    "0xUe+mbIUBkBIfZ+qnA==\n"
)
WIT1, WIT1_SECRET = (
    "Wit1+55ee4561+AVhZSmQj9+SoL+p/nN0Hh76xXmF7QcHfytUrI1XfSClk",
    "AeadRiG7XM4XiieCHzD8lxysXMwcViy5nYsoXURWGrlE",
)
CONTRACT = "eip155:1337:0x52908400098527886E0F7030069857D2E4169EE7"
ISSUER, GENESIS = "0x" + "ab" * 32, "0x" + "01" * 32


def secret(text: str) -> Ed25519PrivateKey:
    """Go's private keys: the algorithm's byte, then the seed."""
    return Ed25519PrivateKey.from_private_bytes(base64.b64decode(text)[1:])


def key_of(name: str, private: Ed25519PrivateKey, algorithm: NoteAlgorithm = NoteAlgorithm.ED25519) -> NoteKey:
    return NoteKey(name, algorithm, private.public_key().public_bytes_raw())


def cosigner(name: str) -> tuple[NoteKey, Ed25519PrivateKey]:
    private = Ed25519PrivateKey.generate()
    return key_of(name, private, NoteAlgorithm.COSIGNATURE_V1), private


def test_the_note_of_go() -> None:
    """Both ways: the published note verifies, and signing gives it byte for byte (Ed25519 is deterministic)."""
    key = parse_note_key(PETER)
    assert (key.name, key.key_id.hex(), key.text) == ("PeterNeumann", "c74f20a3", PETER)
    note = parse_note(PETER_NOTE.encode())
    assert note.text == PETER_TEXT
    assert note.signed_by([key]) == (key,)
    assert sign_note(PETER_TEXT, key, secret(PETER_SECRET).sign).to_bytes() == PETER_NOTE.encode()


def test_the_keys_of_tessera() -> None:
    key = parse_note_key(WIT1)
    assert key == key_of("Wit1", secret(WIT1_SECRET))
    assert key.text == WIT1


def test_every_mangling_of_go() -> None:
    """Go's `TestNewVerifier`: no part of a key is a key, nor is one with another byte."""
    for start in range(len(PETER)):
        for end in range(start + 1, len(PETER) + 1):
            if (start, end) != (0, len(PETER)):
                with pytest.raises(
                    ProofError, match=r"not the public key|not base64|one spelling|not that of the key|an Ed25519"
                ):
                    parse_note_key(PETER[start:end])
    for at, character in enumerate(PETER):
        with pytest.raises(
            ProofError, match=r"not the public key|not base64|one spelling|not that of the key|an Ed25519|an algorithm"
        ):
            parse_note_key(PETER[:at] + chr(ord(character) + 1) + PETER[at + 1 :])
    with pytest.raises(ProofError, match="one spelling"):  # and too long: Go says so of the same line
        parse_note_key("PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==")
    with pytest.raises(ProofError, match="not an algorithm"):
        parse_note_key("PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")


def test_the_poem() -> None:
    """An empty line in a text is part of it: the last one ends it."""
    note = parse_note(POEM.encode())
    assert note.text.endswith("sole:\n\ned \u00e8 subito sera.\n")
    (signature,) = note.signatures
    assert (signature.name, signature.key_id.hex(), len(signature.signature)) == (
        "quasimodo.example/salvatore",
        "367ba04b",
        64,
    )
    assert note.to_bytes() == POEM.encode()


def test_the_sofa() -> None:
    note = parse_note(SOFA.encode())
    found = parse_checkpoint(note.text)
    assert (found.origin, found.size, found.extensions) == ("example.com/behind-the-sofa", 20_852_163, ())
    assert found.root.hex().startswith("0ac5186a9186")
    assert found.text == note.text
    log, witness = note.signatures
    assert len(log.signature) == 64
    assert (witness.name, witness.key_id.hex()) == ("witness.example.com/w1", "8d66cf3f")
    assert int.from_bytes(witness.signature[:8], "big") == 1_679_315_147
    assert cosigned_message(note.text, 1_679_315_147).decode() == (
        "cosignature/v1\ntime 1679315147\nexample.com/behind-the-sofa\n20852163\n"
        "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    )


@pytest.mark.parametrize(
    ("note", "reason"),
    [
        (b"", "not a signed note"),
        (b"text\n", "not a signed note"),
        (b"\n\n", "not a signed note"),
        (b"text\n\n", "not a signed note"),
        (PETER_NOTE.encode()[:-1], "not a signed note"),
        (PETER_NOTE.encode() + b"x", "not a signed note"),
        (PETER_NOTE.encode() + b"x\n", "not the signature of a note"),
        (PETER_NOTE.replace("\u2014", "-").encode(), "not the signature of a note"),
        (PETER_NOTE.replace("PeterNeumann", "Peter Neumann").encode(), "not the signature of a note"),
        (PETER_NOTE.replace("PeterNeumann", "Peter+Neumann").encode(), "not the signature of a note"),
        (PETER_NOTE.replace("wJnAM=", "wJnAN=").encode(), "one spelling"),
        (PETER_NOTE.replace("wJnAM=", "wJnAM").encode(), "not base64"),
        ("text\n\n\u2014 x AAAA\n".encode(), "not the signature of a note"),
        (PETER_NOTE.replace("think", "thin\x07k").encode(), "no control characters"),
        (PETER_NOTE.replace("\n\n", "\r\n\r\n").encode(), "not a signed note"),
        (PETER_NOTE.encode() + b"\xff\n", "UTF-8"),
        (PETER_NOTE.encode() * 1000, "too long"),
        (PETER_NOTE.encode() + PETER_NOTE[len(PETER_TEXT) + 1 :].encode() * 70, "too many signatures"),
    ],
)
def test_malformed_notes(note: bytes, reason: str) -> None:
    with pytest.raises(ProofError, match=reason):
        parse_note(note)


def test_a_text_that_is_not_the_signed_one() -> None:
    key = parse_note_key(PETER)
    note = parse_note(PETER_NOTE.replace("answer", "anzwer").encode())
    with pytest.raises(ProofError, match="does not verify"):
        note.signed_by([key])


def test_signatures_of_others_are_ignored() -> None:
    """Of a stranger, of a namesake with another key, and of another name with the same key."""
    key, private = parse_note_key(PETER), Ed25519PrivateKey.generate()
    stranger, namesake = key_of("stranger", private), key_of("PeterNeumann", private)
    note = parse_note(PETER_NOTE.encode())
    signed = note.with_signatures(
        [*sign_note(PETER_TEXT, stranger, private.sign).signatures, NoteSignature("PeterNeumann", b"none", b"x" * 64)]
    )
    assert signed.signed_by([namesake, key]) == (key,)
    with pytest.raises(ProofError, match="none of the keys"):
        signed.signed_by([namesake])
    with pytest.raises(ProofError, match="none of the keys"):
        signed.signed_by([])


def test_a_key_does_not_sign_for_another() -> None:
    with pytest.raises(ProofError, match="does not verify"):
        sign_note("x\n", parse_note_key(PETER), Ed25519PrivateKey.generate().sign)
    with pytest.raises(ProofError, match="ends with a line end"):
        sign_note("x", parse_note_key(PETER), secret(PETER_SECRET).sign)
    with pytest.raises(ProofError, match="not the name"):
        NoteKey("a b", NoteAlgorithm.ED25519, bytes(32))


@given(
    st.lists(st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=20), min_size=1, max_size=5),
    st.binary(min_size=1, max_size=100),
)
def test_a_note_reads_as_what_was_written(lines: list[str], signature: bytes) -> None:
    note = SignedNote("a" + "\n".join(lines) + "\n", (NoteSignature("n", b"1234", signature),))
    assert parse_note(note.to_bytes()) == note


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "not a checkpoint"),
        ("o\n1\n", "not a checkpoint"),
        ("\n1\n" + "A" * 43 + "=\n", "not a checkpoint"),
        ("o\n1\n" + "A" * 43 + "=", "not a checkpoint"),
        ("o\n1\n" + "A" * 43 + "=\n\n", "not a checkpoint"),
        ("o\n01\n" + "A" * 43 + "=\n", "not the size"),
        ("o\n-1\n" + "A" * 43 + "=\n", "not the size"),
        ("o\n\u0661\n" + "A" * 43 + "=\n", "not the size"),
        (f"o\n{2**48}\n" + "A" * 43 + "=\n", "not the size"),
        ("o\n1\nAAAA\n", "not a root"),
        ("o\n1\n" + "A" * 43 + "\n", "not base64"),
        ("o\n1\n" + "A" * 42 + "B=\n", "one spelling"),
    ],
)
def test_malformed_checkpoints(text: str, reason: str) -> None:
    with pytest.raises(ProofError, match=reason):
        parse_checkpoint(text)


def test_extension_lines_stay() -> None:
    found = CheckpointNote("o", 0, bytes(32), ("more", "and more"))
    assert parse_checkpoint(found.text) == found


def test_the_origin_says_which_log() -> None:
    origin = log_origin(CONTRACT, ISSUER, GENESIS)
    assert parse_origin(origin) == (CONTRACT, ISSUER, GENESIS)
    assert NoteKey(origin, NoteAlgorithm.ED25519, bytes(32)).name == origin
    for wrong in ("example.com/log", origin[:-1], origin.replace("@", "#"), origin + "@", origin.upper()):
        with pytest.raises(LedgerError, match=r"not|malformed|expected"):
            parse_origin(wrong)


def test_a_quorum_counts_witnesses_once() -> None:
    """So many of so many: the same witness twice, or under two names, is one."""
    text = CheckpointNote("o", 1, bytes(32)).text
    (one, one_key), (two, two_key), (three, _) = (cosigner(f"w{n}.example") for n in (1, 2, 3))
    quorum = Quorum((one, two, three), 2)
    note = SignedNote(text, (cosign(text, one, one_key.sign, time=200),))
    with pytest.raises(ProofError, match=r"too few.*2 of 3.*1 \(w1.example\)"):
        check_quorum(note, quorum)
    again = note.with_signatures([cosign(text, one, one_key.sign, time=201)])
    with pytest.raises(ProofError, match="too few"):
        check_quorum(again, quorum)
    both = note.with_signatures([cosign(text, two, two_key.sign, time=100)])
    assert [(each.witness.name, each.time) for each in check_quorum(both, quorum)] == [
        ("w2.example", 100),
        ("w1.example", 200),
    ]
    with pytest.raises(ProofError, match="the same key"):
        Quorum((one, NoteKey("other.name", one.algorithm, one.public)), 1)
    with pytest.raises(ProofError, match="not a quorum"):
        Quorum((one, two), 3)
    with pytest.raises(ProofError, match="not a quorum"):
        Quorum((one,), 0)
    with pytest.raises(ProofError, match="not the key of a witness"):
        Quorum((parse_note_key(PETER),), 1)


def test_a_cosignature_is_of_one_text_and_one_time() -> None:
    text = CheckpointNote("o", 1, bytes(32)).text
    key, private = cosigner("w.example")
    line = cosign(text, key, private.sign, time=5)
    assert [each.time for each in cosignatures(SignedNote(text, (line,)), [key])] == [5]
    later = NoteSignature(line.name, line.key_id, (6).to_bytes(8, "big") + line.signature[8:])
    other = CheckpointNote("o", 2, bytes(32)).text
    for note in (SignedNote(text, (later,)), SignedNote(other, (line,))):
        with pytest.raises(ProofError, match="does not verify"):
            cosignatures(note, [key])
    with pytest.raises(ProofError, match="not a timestamped signature"):
        cosignatures(SignedNote(text, (NoteSignature(key.name, key.key_id, b"x"),)), [key])
    plain = NoteSignature(key.name, key.key_id, bytes(8) + private.sign(text.encode()))
    with pytest.raises(ProofError, match="does not verify"):
        cosignatures(SignedNote(text, (plain,)), [key])
    for time in (-1, 2**63, True):
        with pytest.raises(ProofError, match="not a time"):
            cosigned_message(text, time)


def colliding(name: str, algorithm: NoteAlgorithm) -> tuple[NoteKey, NoteKey]:
    """Two keys of one name and one id, found by trying: an id has 32 bits, so some 80,000 will do."""
    seen: dict[bytes, NoteKey] = {}
    for number in range(1 << 20):
        key = NoteKey(name, algorithm, number.to_bytes(32, "big"))
        if key.key_id in seen:
            return seen[key.key_id], key
        seen[key.key_id] = key
    raise AssertionError("no two of a million")


def test_witnesses_that_cannot_be_told_apart_make_no_quorum() -> None:
    """One line would be looked at as both's, and spoil what the other signed."""
    one, two = colliding("w.example", NoteAlgorithm.COSIGNATURE_V1)
    assert (one.key_id, one.name) == (two.key_id, two.name)
    with pytest.raises(ProofError, match="cannot be told apart"):
        Quorum((one, two), 2)


@pytest.mark.parametrize(
    ("total", "threshold", "is_safe"),
    [
        (1, 1, True),
        (2, 1, False),
        (2, 2, True),
        (3, 1, False),
        (3, 2, True),
        (4, 2, False),
        (5, 3, True),
    ],
)
def test_two_quorums_share_a_witness(total: int, threshold: int, is_safe: bool) -> None:
    """Where whom one quorum leaves would be another quorum, honest witnesses could cosign two histories."""
    witnesses = tuple(cosigner(f"w{number}.example")[0] for number in range(total))
    groups = list(itertools.combinations(range(total), threshold))
    assert is_safe == all(set(one) & set(two) for one in groups for two in groups)
    if is_safe:
        assert Quorum(witnesses, threshold).threshold == threshold
        return
    with pytest.raises(ProofError, match="two histories could each be cosigned"):
        Quorum(witnesses, threshold)
