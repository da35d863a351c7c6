"""Key files, signers, passphrases, the key directory and its backups."""

from __future__ import annotations

import base64
import io
import json
import os
import pickle
import subprocess
from collections.abc import Callable
from datetime import datetime, timedelta
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

import passport.credentials.keys as keys_module
from passport.credentials import (
    Ed25519Signer,
    FilePassphrase,
    KeyRing,
    KeyringPassphrase,
    KeyState,
    KnownPassphrase,
    Passphrase,
    PromptPassphrase,
    Role,
    Signer,
    account_key_from_pem,
    decode_multikey,
    generate_account_key,
    generate_credential_key,
    jcs,
    load_credential_key,
    open_signer,
    passphrase_from,
    register_signer,
    restore_backup,
    write_backup,
)
from passport.credentials.key_files import (
    _der,
    _integer,
    _oid,
    decrypt_private_key,
    encrypt_private_key,
    read_private_file,
    write_private_file,
)
from passport.errors import SignerError

SECRET = KnownPassphrase(b"correct horse battery staple")
WRONG = KnownPassphrase(b"wrong")


def make(path: Path, kind: str = "credential") -> str:
    """A key file that is quick to open."""
    generate = generate_credential_key if kind == "credential" else generate_account_key
    return generate(path, SECRET.secret, kdf_passes=1)


def ring(folder: Path, clock: Callable[[], datetime]) -> KeyRing:
    """A key directory whose files are quick to open."""
    return KeyRing(folder / "keys", clock=clock, kdf_passes=1)


def test_a_credential_key_file_opens_again_and_signs(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    multikey = make(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert os.listdir(tmp_path) == ["key.pem"]
    signer = load_credential_key(path, SECRET.secret)
    assert signer.multikey == multikey
    assert signer.verification_method == f"did:key:{multikey}#{multikey}"
    public = decode_multikey(multikey).public_key
    assert isinstance(public, Ed25519PublicKey)
    public.verify(signer.sign(b"data"), b"data")
    named = load_credential_key(path, SECRET.secret, verification_method="did:web:a.example#key-1")
    assert named.verification_method == "did:web:a.example#key-1"


def test_an_account_key_file_holds_a_secp256k1_scalar(tmp_path: Path) -> None:
    path = tmp_path / "account.pem"
    public = make(path, "account")
    scalar = account_key_from_pem(path.read_bytes(), SECRET.secret, where="x").secret
    assert len(scalar) == 32
    numbers = ec.derive_private_key(int.from_bytes(scalar, "big"), ec.SECP256K1()).public_key().public_numbers()
    assert public == f"{2 + numbers.y % 2:02x}{numbers.x:064x}"
    assert account_key_from_pem(path.read_bytes(), SECRET.secret, where="x").public == public


def test_key_files_are_scrypt_pkcs8_that_openssl_reads(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    make(path)
    command = ["openssl", "pkey", "-in", str(path), "-passin", f"pass:{SECRET.secret.decode()}", "-text", "-noout"]
    try:
        told = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
    except FileNotFoundError:
        pytest.skip("no openssl program on this machine")
    assert "ED25519 Private-Key" in told
    dumped = subprocess.run(
        ["openssl", "asn1parse", "-in", str(path)], capture_output=True, text=True, check=True, timeout=60
    )
    for word in ("PBES2", "scrypt", "aes-256-cbc"):
        assert word in dumped.stdout


def test_keys_encrypted_by_others_are_read(tmp_path: Path) -> None:
    key = Ed25519PrivateKey.generate()
    path = tmp_path / "key.pem"
    write_private_file(
        path, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(SECRET.secret))
    )
    assert load_credential_key(path, SECRET.secret).sign(b"x") == key.sign(b"x")


def test_each_encryption_is_fresh_and_costs_what_is_asked() -> None:
    key = Ed25519PrivateKey.generate()
    one, two = (encrypt_private_key(key, b"x", kdf_passes=passes) for passes in (1, 2))
    assert one != encrypt_private_key(key, b"x", kdf_passes=1)
    for pem in (one, two):
        assert load_pem_private_key(pem, b"x").private_bytes_raw() == key.private_bytes_raw()  # type: ignore[union-attr]
    with pytest.raises(SignerError, match="the passphrase is empty"):
        encrypt_private_key(key, b"")


def test_key_files_that_do_not_open_say_why(tmp_path: Path) -> None:
    credential, account = tmp_path / "credential.pem", tmp_path / "account.pem"
    make(credential)
    make(account, "account")
    plain, junk, other = tmp_path / "plain.pem", tmp_path / "junk.pem", tmp_path / "p256.pem"
    key = Ed25519PrivateKey.generate()
    write_private_file(plain, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    write_private_file(junk, b"junk")
    write_private_file(other, encrypt_private_key(ec.generate_private_key(ec.SECP256R1()), SECRET.secret, kdf_passes=1))
    for path, secret, reason in (
        (credential, b"wrong", "the passphrase does not open this key"),
        (credential, b"", "the passphrase is empty"),
        (account, SECRET.secret, "not a credential key; expected Ed25519"),
        (plain, SECRET.secret, "the key is not encrypted"),
        (junk, SECRET.secret, "not an encrypted private key in PEM"),
        (tmp_path / "none.pem", SECRET.secret, "cannot read: No such file"),
        (tmp_path, SECRET.secret, "cannot read: Is a directory"),
    ):
        with pytest.raises(SignerError, match=reason) as caught:
            load_credential_key(path, secret)
        assert SECRET.secret.decode() not in str(caught.value)
    for path in (credential, other):
        with pytest.raises(SignerError, match="not an account key; expected secp256k1"):
            account_key_from_pem(path.read_bytes(), SECRET.secret, where=str(path))


def test_a_passphrase_that_opens_to_nonsense_does_not_open_the_key() -> None:
    """Each 256th wrong passphrase gives well-formed padding: here the right one does, around what is no key."""

    class Nonsense:
        def private_bytes(self, *_: object) -> bytes:
            return b"no key at all"

    pem = encrypt_private_key(Nonsense(), b"x", kdf_passes=1)  # type: ignore[arg-type]  # what no key class returns
    with pytest.raises(SignerError, match="here: the passphrase does not open this key"):
        decrypt_private_key(pem, b"x", where="here")


def test_no_damaged_key_file_passes_for_another_key(tmp_path: Path, clock: Callable[[], datetime]) -> None:
    """AES-CBC does not notice every change of its text, so what opens is compared with the index."""
    keys = ring(tmp_path, clock)
    entry = keys.generate(Role.CREDENTIAL, SECRET)
    path = keys.path_of(entry)
    pem = path.read_bytes()
    reasons = set()
    for at in range(30, len(pem) - 30, 13):
        path.write_bytes(pem[:at] + (b"A" if pem[at : at + 1] != b"A" else b"B") + pem[at + 1 :])
        with pytest.raises(SignerError) as caught:
            keys.open_signer(entry, SECRET)
        reasons.add(caught.value.message)
    assert "the passphrase does not open this key" in reasons


@pytest.mark.skipif(os.name != "posix", reason="modes are a POSIX matter")
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o660, 0o644, 0o601])
def test_files_that_others_may_touch_are_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "key.pem"
    write_private_file(path, b"x")
    path.chmod(mode)
    with pytest.raises(
        SignerError, match=f"others may read or change this file; expected mode 0600; found mode {mode:04o}"
    ):
        read_private_file(path)
    path.chmod(0o400)
    assert read_private_file(path) == b"x"


def test_private_files_are_written_whole_and_never_over_another(tmp_path: Path) -> None:
    path = tmp_path / "a"
    write_private_file(path, b"one")
    with pytest.raises(SignerError, match=r"a file is there already .*never overwritten"):
        write_private_file(path, b"two")
    assert path.read_bytes() == b"one"
    write_private_file(path, b"two", overwrite=True)
    assert path.read_bytes() == b"two"
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(SignerError, match="cannot write: No such file"):
        write_private_file(tmp_path / "none" / "a", b"x")
    assert os.listdir(tmp_path) == ["a"]  # no temporary file is left behind
    with pytest.raises(SignerError, match="too long; expected at most 2 bytes"):
        read_private_file(path, max_bytes=2)
    fifo = tmp_path / "null"
    fifo.symlink_to("/dev/null")
    with pytest.raises(SignerError, match="not a plain file"):
        read_private_file(fifo)


def test_nothing_shows_key_material(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    make(path)
    signer = load_credential_key(path, SECRET.secret)
    assert repr(signer) == f"Ed25519Signer({signer.verification_method})"
    with pytest.raises(SignerError, match="cannot be pickled"):
        pickle.dumps(signer)
    assert SECRET.secret.decode() not in repr(SECRET)
    make(tmp_path / "account.pem", "account")
    account = account_key_from_pem((tmp_path / "account.pem").read_bytes(), SECRET.secret, where="x")
    assert account.secret.hex() not in repr(account)
    assert "secret" not in repr(account)


def test_signers_are_opened_by_scheme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "key.pem"
    multikey = make(path)
    assert open_signer(f"file:{path}", passphrase=SECRET).multikey == multikey
    assert (
        open_signer(f"file://{path}", passphrase=SECRET, verification_method="did:web:a#1").verification_method
        == "did:web:a#1"
    )
    monkeypatch.chdir(tmp_path)
    assert open_signer("file:key.pem", passphrase=SECRET).multikey == multikey
    for uri in ("kms:key", "key.pem", "", "file"):
        with pytest.raises(SignerError, match=r"no signer for this key URI; expected one of file:.*passport\.signers"):
            open_signer(uri, passphrase=SECRET)


def toy_opener(key_uri: str, passphrase: Passphrase, verification_method: str | None) -> Signer:
    """A signer whose key is the URI itself, as a plug-in would provide one."""
    seed = key_uri.partition(":")[2].encode().ljust(32, b"\0")
    return Ed25519Signer(Ed25519PrivateKey.from_private_bytes(seed), verification_method=verification_method)


def test_the_table_of_signers_can_be_extended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys_module, "_OPENERS", dict(keys_module._OPENERS))
    register_signer("toy", toy_opener)
    signer = open_signer("toy:abc", passphrase=SECRET, verification_method="did:web:a.example#key-1")
    assert signer.sign(b"x") == toy_opener("toy:abc", SECRET, None).sign(b"x")
    with pytest.raises(SignerError, match="has an opener already; found 'toy'"):
        register_signer("toy", toy_opener)


def test_signers_of_installed_packages_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    installed = [
        EntryPoint(name="toy", value=f"{__name__}:toy_opener", group="passport.signers"),
        EntryPoint(name="broken", value="no_such_module:opener", group="passport.signers"),
    ]
    monkeypatch.setattr(
        keys_module, "entry_points", lambda *, group, name: [e for e in installed if (e.group, e.name) == (group, name)]
    )
    assert open_signer("toy:abc", passphrase=SECRET).multikey == toy_opener("toy:abc", SECRET, None).multikey
    with pytest.raises(SignerError, match="the plug-in for broken: cannot be loaded: No module named 'no_such_module'"):
        open_signer("broken:x", passphrase=SECRET)


def test_passphrases_come_from_prompts_and_files(tmp_path: Path) -> None:
    asked: list[str] = []

    def ask(prompt: str) -> str:
        asked.append(prompt)
        return "sésame"

    assert PromptPassphrase(confirm=True, ask=ask).read("key.pem") == "sésame".encode()
    assert asked == ["Passphrase for key.pem: ", "Again: "]
    answers = iter(["one", "two"])
    with pytest.raises(SignerError, match="the two passphrases differ"):
        PromptPassphrase(confirm=True, ask=lambda prompt: next(answers)).read("key.pem")
    with pytest.raises(SignerError, match="the passphrase is empty"):
        PromptPassphrase(ask=lambda prompt: "").read("key.pem")

    def no_terminal(prompt: str) -> str:
        raise EOFError

    with pytest.raises(SignerError, match="no terminal to ask"):
        PromptPassphrase(ask=no_terminal).read("key.pem")
    path = tmp_path / "secret"
    write_private_file(path, b"first line\r\nsecond\n")
    assert FilePassphrase(path).read("key.pem") == b"first line"
    path.chmod(0o644)
    with pytest.raises(SignerError, match="others may read"):
        FilePassphrase(path).read("key.pem")
    empty = tmp_path / "empty"
    write_private_file(empty, b"\nsecond\n")
    with pytest.raises(SignerError, match="the passphrase file is empty"):
        FilePassphrase(empty).read("key.pem")


def test_a_passphrase_is_never_read_with_everybody_looking_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a terminal getpass would warn and read from the standard input, with echo: refused before it reads."""
    typed = io.StringIO("secret\n")
    monkeypatch.setattr("sys.stdin", typed)

    def no_terminal(*_: object, **__: object) -> int:
        raise OSError("no terminal")

    monkeypatch.setattr("os.open", no_terminal)
    with pytest.raises(SignerError, match="no terminal to ask for a passphrase") as caught:
        PromptPassphrase().read("key.pem")
    assert caught.value.hint == "name a file"
    assert typed.read() == "secret\n"


def test_passphrases_come_from_the_key_store(monkeypatch: pytest.MonkeyPatch) -> None:
    keyring = pytest.importorskip("keyring", reason="the extra keyring is not installed")
    entries = {("passport", "works"): "sésame"}

    class Store(keyring.backend.KeyringBackend):  # type: ignore[name-defined, misc]
        priority = 1

        def set_password(self, service: str, username: str, password: str) -> None:
            entries[service, username] = password

        def get_password(self, service: str, username: str) -> str | None:
            if service == "locked":
                raise keyring.errors.KeyringLocked("locked")
            return entries.get((service, username))

    monkeypatch.setattr(keyring.core, "_keyring_backend", Store())
    assert passphrase_from("keyring:passport/works").read("x") == "sésame".encode()
    with pytest.raises(SignerError, match="keyring:passport/none: no such entry"):
        KeyringPassphrase("passport", "none").read("x")
    with pytest.raises(SignerError, match="the key store did not answer: locked"):
        KeyringPassphrase("locked", "works").read("x")
    monkeypatch.setitem(__import__("sys").modules, "keyring", None)
    with pytest.raises(SignerError, match=r"keyring is missing \(hint: pip install 'carbon-passport\[keyring\]'\)"):
        KeyringPassphrase("passport", "works").read("x")


def test_sources_of_passphrases_have_texts() -> None:
    assert passphrase_from("prompt:") == PromptPassphrase()
    assert passphrase_from("file:/a/b") == FilePassphrase(Path("/a/b"))
    assert passphrase_from("keyring:a/b/c") == KeyringPassphrase("a", "b/c")
    for text in ("", "prompt", "prompt:x", "file:", "keyring:a", "keyring:/b", "hunter2", "env:X"):
        with pytest.raises(SignerError, match="not a source of passphrases") as caught:
            passphrase_from(text)
        assert "hunter2" not in str(caught.value)


def test_a_key_directory_lists_rotates_and_opens(tmp_path: Path, now: datetime) -> None:
    time = [now]
    keys = ring(tmp_path, lambda: time[0])
    assert keys.entries() == ()
    with pytest.raises(SignerError, match="no credential key in use"):
        keys.active(Role.CREDENTIAL)
    first = keys.generate(Role.CREDENTIAL, SECRET)
    anchoring = keys.generate(Role.ANCHORING, SECRET)
    assert keys.directory.stat().st_mode & 0o777 == 0o700
    with pytest.raises(SignerError, match=r"credential-1\.pem: there is a credential key in use"):
        keys.generate(Role.CREDENTIAL, SECRET)
    signature = keys.open_signer(first, SECRET).sign(b"x")
    time[0] = now + timedelta(days=1)
    second, retired = keys.rotate(Role.CREDENTIAL, SECRET)
    assert (second.file_name, second.created, second.state) == (
        "credential-2.pem",
        "2026-11-23T10:00:00Z",
        KeyState.ACTIVE,
    )
    assert (retired.file_name, retired.retired, retired.state) == (
        "credential-1.pem",
        "2026-11-23T10:00:00Z",
        KeyState.RETIRED,
    )
    assert keys.entries() == (anchoring, retired, second)
    assert keys.active(Role.CREDENTIAL) == second
    assert keys.open_signer(retired, SECRET).sign(b"x") == signature
    assert keys.open_signer(second, SECRET, verification_method="did:web:a#2").verification_method == "did:web:a#2"
    assert len(keys.open_account(anchoring, SECRET)) == 32
    index = json.loads((keys.directory / "index.json").read_bytes())
    assert index["keys"][0] == {
        "file": "anchoring-1.pem",
        "public": anchoring.public,
        "role": "anchoring",
        "created": "2026-11-22T10:00:00Z",
        "state": "active",
    }
    with pytest.raises(SignerError, match="not a credential key; found anchoring"):
        keys.open_signer(anchoring, SECRET)
    with pytest.raises(SignerError, match="not an account key; found credential"):
        keys.open_account(second, SECRET)
    with pytest.raises(SignerError, match="does not open this key"):
        keys.open_signer(second, WRONG)


def test_a_number_left_by_an_interrupted_run_is_not_used_again(tmp_path: Path, clock: Callable[[], datetime]) -> None:
    keys = ring(tmp_path, clock)
    keys.directory.mkdir()
    make(keys.directory / "credential-4.pem")
    assert keys.generate(Role.CREDENTIAL, SECRET).file_name == "credential-5.pem"
    assert [entry.number for entry in keys.entries()] == [5]


def test_a_swapped_key_file_is_noticed(tmp_path: Path, clock: Callable[[], datetime]) -> None:
    keys = ring(tmp_path, clock)
    for role, kind in ((Role.CREDENTIAL, "credential"), (Role.CONTROLLER, "account")):
        entry = keys.generate(role, SECRET)
        keys.path_of(entry).unlink()
        other = make(keys.path_of(entry), kind)
        opened: Callable[[Any, Passphrase], object] = keys.open_signer if kind == "credential" else keys.open_account
        with pytest.raises(SignerError, match="another key than the index says") as caught:
            opened(entry, SECRET)
        assert (caught.value.expected, caught.value.found) == (entry.public, other)


ENTRY = {
    "file": "anchoring-1.pem",
    "public": "02" + "ab" * 32,
    "role": "anchoring",
    "created": "2026-11-22T10:00:00Z",
    "state": "active",
}
FORMAT = "carbon-passport/key-index/1.0"


@pytest.mark.parametrize(
    ("index", "reason"),
    [
        (b"{", "not JSON"),
        (b'{"format": 1}', "not in canonical form"),
        (jcs({"format": FORMAT}), "not a key index; expected format and keys"),
        (jcs([]), "not a key index; expected format and keys"),
        (jcs({"format": "carbon-passport/key-index/2.0", "keys": []}), "not a key index we read; .*2.0"),
        (jcs({"format": FORMAT, "keys": {}}), "not a list of keys"),
        (jcs({"format": FORMAT, "keys": [7]}), r"keys\[0\]: not a key"),
        (jcs({"format": FORMAT, "keys": [{**ENTRY, "secret": "x"}]}), r"keys\[0\]: not a key"),
        (jcs({"format": FORMAT, "keys": [{**ENTRY, "created": 7}]}), "every member is a text"),
        (jcs({"format": FORMAT, "keys": [{**ENTRY, "file": "../anchoring-1.pem"}]}), "not a key file of this role"),
        (jcs({"format": FORMAT, "keys": [{**ENTRY, "file": "controller-1.pem"}]}), "not a key file of this role"),
        (jcs({"format": FORMAT, "keys": [{**ENTRY, "file": "anchoring-0.pem"}]}), "not a key file of this role"),
        (jcs({"format": FORMAT, "keys": [{**ENTRY, "state": "lost"}]}), "not a state of a key"),
        (jcs({"format": FORMAT, "keys": [{**ENTRY, "state": "retired"}]}), "not a state of a key"),
        (jcs({"format": FORMAT, "keys": [{**ENTRY, "created": "today"}]}), r"keys\[0\]\.created: not a time"),
        (jcs({"format": FORMAT, "keys": [{**ENTRY, "public": "04" + "ab" * 32}]}), "not a compressed public key"),
        (
            jcs({"format": FORMAT, "keys": [{**ENTRY, "role": "credential", "file": "credential-1.pem"}]}),
            "a Multikey begins with z",
        ),
        (jcs({"format": FORMAT, "keys": [ENTRY, ENTRY]}), "one key file twice"),
        (
            jcs({"format": FORMAT, "keys": [ENTRY, {**ENTRY, "file": "anchoring-2.pem"}]}),
            "two keys in use for one role",
        ),
    ],
)
def test_a_damaged_index_says_how(tmp_path: Path, clock: Callable[[], datetime], index: bytes, reason: str) -> None:
    keys = ring(tmp_path, clock)
    keys.directory.mkdir()
    write_private_file(keys.directory / "index.json", index)
    with pytest.raises(SignerError, match=f"the key index is damaged: .*{reason}"):
        keys.entries()


def test_a_backup_restores_every_key(tmp_path: Path, clock: Callable[[], datetime]) -> None:
    keys = ring(tmp_path, clock)
    for role in Role:
        keys.generate(role, SECRET)
    keys.rotate(Role.CREDENTIAL, SECRET)
    archive, outer = tmp_path / "backup.json", KnownPassphrase(b"another passphrase")
    assert write_backup(keys, archive, outer, kdf_passes=1) == 4
    assert archive.stat().st_mode & 0o777 == 0o600
    assert b"PRIVATE" not in archive.read_bytes()
    with pytest.raises(SignerError, match="a file is there already"):
        write_backup(keys, archive, outer, kdf_passes=1)
    other = ring(tmp_path / "elsewhere", clock)
    assert restore_backup(other, archive, outer, key_passphrase=SECRET) == 4
    assert other.entries() == keys.entries()
    for entry in keys.entries():
        assert other.path_of(entry).read_bytes() == keys.path_of(entry).read_bytes()
        assert other.path_of(entry).stat().st_mode & 0o777 == 0o600
    # Restoring over itself changes nothing, and what was lost comes back.
    other.path_of(other.entries()[0]).unlink()
    assert restore_backup(other, archive, outer) == 4
    assert sorted(os.listdir(other.directory)) == sorted(os.listdir(keys.directory))


def test_a_backup_does_not_overwrite_other_keys(tmp_path: Path, clock: Callable[[], datetime]) -> None:
    keys, archive = ring(tmp_path, clock), tmp_path / "backup.json"
    keys.generate(Role.CREDENTIAL, SECRET)
    write_backup(keys, archive, SECRET, kdf_passes=1)
    other = ring(tmp_path / "other", clock)
    entry = other.generate(Role.CREDENTIAL, SECRET)
    before = {path.name: path.read_bytes() for path in other.directory.iterdir()}
    with pytest.raises(
        SignerError, match=r"(credential-1\.pem|index\.json): another key is there .*nothing was written"
    ):
        restore_backup(other, archive, SECRET)
    third = ring(tmp_path / "third", clock)
    third.directory.mkdir(parents=True)
    make(third.directory / "anchoring-1.pem", "account")
    with pytest.raises(SignerError, match=r"other keys are there; found anchoring-1\.pem"):
        restore_backup(third, archive, SECRET)
    assert {path.name: path.read_bytes() for path in other.directory.iterdir()} == before
    assert other.open_signer(entry, SECRET).multikey == entry.public
    assert os.listdir(third.directory) == ["anchoring-1.pem"]


def test_backups_that_do_not_open_say_why(tmp_path: Path, clock: Callable[[], datetime]) -> None:
    keys, archive = ring(tmp_path, clock), tmp_path / "backup.json"
    with pytest.raises(SignerError, match="there are no keys to back up"):
        write_backup(keys, archive, SECRET)
    keys.generate(Role.CREDENTIAL, SECRET)
    with pytest.raises(SignerError, match="the passphrase is empty"):
        write_backup(keys, archive, KnownPassphrase(b""))
    write_backup(keys, archive, SECRET, kdf_passes=1)
    target = ring(tmp_path / "target", clock)
    with pytest.raises(SignerError, match="the backup does not open"):
        restore_backup(target, archive, WRONG)
    with pytest.raises(SignerError, match="does not open this key"):
        restore_backup(target, archive, SECRET, key_passphrase=WRONG)
    assert not target.directory.exists()
    document = json.loads(archive.read_bytes())
    sealed = document["ciphertext"]
    for change, reason in (
        ({"p": 2}, "the backup does not open"),  # the header is authenticated too
        ({"salt": "A" * 21 + "A"}, "the backup does not open"),
        ({"nonce": "A" * 16}, "the backup does not open"),
        ({"ciphertext": ("A" if sealed[0] != "A" else "B") + sealed[1:]}, "the backup does not open"),
        ({"ciphertext": ""}, "the backup does not open"),
        ({"p": 1000}, "a cost we do not pay"),
        ({"p": True}, "a cost we do not pay"),
        ({"n": 2**30}, "a cost we do not pay"),
        ({"r": 1024}, "a cost we do not pay"),
        ({"salt": "AA"}, "not 16 bytes in base64url"),
        ({"nonce": 7}, "not 12 bytes in base64url"),
        ({"ciphertext": 7}, "not base64url"),
        ({"ciphertext": "=="}, "without padding"),
        ({"format": "carbon-passport/key-backup/2.0"}, "another format"),
        ({"more": 1}, "missing or unknown members"),
    ):
        write_private_file(archive, jcs({**document, **change}), overwrite=True)
        with pytest.raises(SignerError, match=reason):
            restore_backup(target, archive, SECRET)
    for data, reason in ((b"[]", "another format"), (b"{ }", "not in canonical form"), (b"\xff", "not JSON")):
        write_private_file(archive, data, overwrite=True)
        with pytest.raises(SignerError, match=reason):
            restore_backup(target, archive, SECRET)
    assert not target.directory.exists()


# --- what a passphrase costs to try ---


SCRYPT, PBKDF2, PKCS12 = "1.3.6.1.4.1.11591.4.11", "1.2.840.113549.1.5.12", "1.2.840.113549.1.12.1.3"


def key_asking(*numbers: int, kdf: str = SCRYPT) -> bytes:
    """An encrypted private key in PEM that asks for these costs; its text is nothing."""
    stated = _der(0x30, _der(0x04, bytes(16)), *map(_integer, numbers))
    derivation = _der(0x30, _oid(kdf), stated)
    scheme = _der(0x30, _oid("2.16.840.1.101.3.4.1.42"), _der(0x04, bytes(16)))
    algorithm = _der(0x30, _oid("1.2.840.113549.1.5.13"), _der(0x30, derivation, scheme))
    return pem_of(_der(0x30, algorithm, _der(0x04, bytes(48))))


def pem_of(der: bytes) -> bytes:
    text = base64.encodebytes(der)
    return b"-----BEGIN ENCRYPTED PRIVATE KEY-----\n" + text + b"-----END ENCRYPTED PRIVATE KEY-----\n"


def key_of_an_older_scheme(iterations: int) -> bytes:
    algorithm = _der(0x30, _oid(PKCS12), _der(0x30, _der(0x04, bytes(8)), _integer(iterations)))
    return pem_of(_der(0x30, algorithm, _der(0x04, bytes(48))))


@pytest.mark.parametrize(
    ("pem", "reason"),
    [
        (key_asking(2**30, 8, 1, 32), "at most 268435456 bytes of memory; found 1099511627776 bytes"),
        (key_asking(2**14, 2**20, 1, 32), "at most 268435456 bytes of memory; found 2199023255552 bytes"),
        (key_asking(2**14, 8, 65, 32), r"at most 64 lanes \(p\); found p 65"),
        (key_asking(2, 1, 2**30, 32), r"at most 64 lanes \(p\); found p 1073741824"),
        (key_asking(2**17, 16, 64), "N x r x p of at most 8388608; found 134217728"),
        (key_asking(2**200, 8, 1), "at most 268435456 bytes of memory"),
        (key_asking(2**14, 2**7000, 1), "at most 268435456 bytes of memory"),
        (key_asking(-1, 8, 1), "at most 268435456 bytes of memory"),
        (key_asking(10_000_001, kdf=PBKDF2), "at most 10000000 iterations; found 10000001 iterations"),
        (key_asking(2**80, 32, kdf=PBKDF2), "at most 10000000 iterations"),
        (key_of_an_older_scheme(2**40), "at most 10000000 iterations; found 1099511627776"),
        (key_asking(2**14, 8, kdf=SCRYPT), "a private key of a kind we cannot open"),
        (key_asking(2**14, 8, 1, kdf="1.2.3.4"), "a private key of a kind we cannot open"),
        (pem_of(b"\x30\x84\xff\xff\xff\xff"), "not an encrypted private key in PEM"),
        (pem_of(b"\x30"), "not an encrypted private key in PEM"),
        (key_asking(2**14, 8, 1) + key_asking(2**30, 8, 1), "not one encrypted private key alone"),
        (b"Comment: x\n" + key_asking(2**30, 8, 1), "not one encrypted private key alone"),
    ],
    ids=[
        "memory by N",
        "memory by r",
        "lanes",
        "lanes of next to no memory",
        "work",
        "a cost of 200 bits",
        "a cost of 7000 bits",
        "a cost below zero",
        "iterations",
        "iterations of 80 bits",
        "iterations of an older scheme",
        "scrypt without lanes",
        "another kdf",
        "a length beyond the file",
        "cut off",
        "two keys",
        "something beside the key",
    ],
)
def test_a_key_file_that_asks_for_too_much_is_refused_unpaid(
    pem: bytes, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The library is not even asked."""

    def asked(*_: object) -> None:
        raise AssertionError("the cost was paid")

    monkeypatch.setattr("passport.credentials.key_files.load_der_private_key", asked)
    monkeypatch.setattr("passport.credentials.key_files.load_pem_private_key", asked)
    with pytest.raises(SignerError, match=reason) as caught:
        decrypt_private_key(pem, b"x", where="keys/credential-1.pem")
    assert caught.value.where == "keys/credential-1.pem"


def test_what_is_within_bounds_is_opened() -> None:
    """Others' usual costs: OWASP's scrypt (N = 2^17), OpenSSL's default, and the library's own PBKDF2."""
    for pem in (key_asking(2**17, 8, 1), key_asking(2**14, 8, 1, 32), key_asking(1000, kdf=PBKDF2)):
        with pytest.raises(SignerError, match=r"the passphrase does not open this key|of a kind we cannot open"):
            decrypt_private_key(pem, b"x", where="here")


def test_nobody_writes_what_nobody_reads(tmp_path: Path, clock: Callable[[], datetime]) -> None:
    key = Ed25519PrivateKey.generate()
    for passes in (0, 65):
        with pytest.raises(SignerError, match="kdf_passes: the key asks for more work or memory"):
            encrypt_private_key(key, b"x", kdf_passes=passes)
    keys = ring(tmp_path, clock)
    keys.generate(Role.CREDENTIAL, SECRET)
    with pytest.raises(SignerError, match=r"at most 64 lanes \(p\); found p 65"):
        write_backup(keys, tmp_path / "backup.json", SECRET, kdf_passes=65)
