"""The key directory of a workspace: which keys there are, which are in use, and how one takes another's place.

`keys/<role>-<n>.pem` holds each private key, encrypted. `keys/index.json` names their public parts; nothing in it is
secret. A retired key keeps its file: what it signed is still verified, and its account may still have to act.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from typing import Any, Final

from passport.credentials.canonical import jcs, parse_canonical
from passport.credentials.key_files import KDF_PASSES, read_private_file, write_private_file
from passport.credentials.keys import (
    Ed25519Signer,
    account_key_from_pem,
    credential_key_from_pem,
    generate_account_key,
    generate_credential_key,
)
from passport.credentials.multikey import decode_multikey
from passport.credentials.passphrases import Passphrase
from passport.errors import CanonicalError, CredentialError, DocumentError, SchemaError, SignerError

KEY_INDEX_FORMAT: Final = "carbon-passport/key-index/1.0"
INDEX_FILE: Final = "index.json"
MAX_INDEX_BYTES: Final = 1024 * 1024

_FILE: Final = re.compile(r"(controller|anchoring|credential)-([1-9][0-9]{0,5})\.pem\Z")
_ACCOUNT_KEY: Final = re.compile(r"0[23][0-9a-f]{64}\Z")
_TIME: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z\Z")


class Role(Enum):
    """What a key is for."""

    CONTROLLER = "controller"
    ANCHORING = "anchoring"
    CREDENTIAL = "credential"


class KeyState(Enum):
    """Whether a key is used for new work."""

    ACTIVE = "active"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class KeyEntry:
    """The public side of a key.

    Attributes:
        role: What it is for.
        number: Counts from 1 within the role.
        public: The Multikey of a credential key; the compressed public key as hex of an account key.
        created: When it was made (UTC text).
        state: Whether it is in use.
        retired: When it was retired, or None.
    """

    role: Role
    number: int
    public: str
    created: str
    state: KeyState
    retired: str | None = None

    @property
    def file_name(self) -> str:
        """The name of its file in the key directory."""
        return f"{self.role.value}-{self.number}.pem"


class KeyRing:
    """The keys in one directory.

    Args:
        directory: The key directory; made on first use, for its owner alone.
        clock: The time (aware).
        kdf_passes: How hard new key files are to guess; each pass costs about 50 ms.
    """

    def __init__(self, directory: Path, *, clock: Callable[[], datetime], kdf_passes: int = KDF_PASSES) -> None:
        self._directory = directory
        self._clock = clock
        self._kdf_passes = kdf_passes

    @property
    def directory(self) -> Path:
        """The key directory."""
        return self._directory

    def path_of(self, entry: KeyEntry) -> Path:
        """The file of a key."""
        return self._directory / entry.file_name

    def entries(self) -> tuple[KeyEntry, ...]:
        """Every key, by role and number.

        Raises:
            SignerError: The index is damaged, or others may change it.
        """
        path = self._directory / INDEX_FILE
        if not path.exists():
            return ()
        return parse_index(read_private_file(path, max_bytes=MAX_INDEX_BYTES), where=str(path))

    def active(self, role: Role) -> KeyEntry:
        """The key in use for a role.

        Raises:
            SignerError: There is none.
        """
        for entry in self.entries():
            if entry.role is role and entry.state is KeyState.ACTIVE:
                return entry
        raise SignerError(f"no {role.value} key in use", where=str(self._directory), hint="generate one")

    def generate(self, role: Role, passphrase: Passphrase) -> KeyEntry:
        """Make the first key of a role.

        Raises:
            SignerError: The role has a key in use, or the directory cannot be written to.
        """
        entries = self.entries()
        for entry in entries:
            if entry.role is role and entry.state is KeyState.ACTIVE:
                raise SignerError(
                    f"there is a {role.value} key in use", where=entry.file_name, hint="rotate it to take a new one"
                )
        return self._add(entries, role, passphrase)

    def rotate(self, role: Role, passphrase: Passphrase) -> tuple[KeyEntry, KeyEntry]:
        """Put a new key in use and retire the old one, whose file stays; returns (new, old).

        Raises:
            SignerError: The role has no key in use, or the directory cannot be written to.
        """
        old = self.active(role)
        retired = replace(old, state=KeyState.RETIRED, retired=self._now())
        entries = tuple(retired if entry == old else entry for entry in self.entries())
        return self._add(entries, role, passphrase), retired

    def open_signer(
        self, entry: KeyEntry, passphrase: Passphrase, *, verification_method: str | None = None
    ) -> Ed25519Signer:
        """Open a credential key.

        Raises:
            SignerError: Another role, a wrong passphrase, or a file that holds another key than the index says.
        """
        if entry.role is not Role.CREDENTIAL:
            raise SignerError("not a credential key", where=entry.file_name, found=entry.role.value)
        pem, secret = read_private_file(self.path_of(entry)), passphrase.read(entry.file_name)
        signer = credential_key_from_pem(
            pem, secret, where=str(self.path_of(entry)), verification_method=verification_method
        )
        _check_public(entry, signer.multikey)
        return signer

    def open_account(self, entry: KeyEntry, passphrase: Passphrase) -> bytes:
        """Open an account key: the private scalar, 32 bytes.

        Raises:
            SignerError: Another role, a wrong passphrase, or a file that holds another key than the index says.
        """
        if entry.role is Role.CREDENTIAL:
            raise SignerError("not an account key", where=entry.file_name, found=entry.role.value)
        pem, secret = read_private_file(self.path_of(entry)), passphrase.read(entry.file_name)
        key = account_key_from_pem(pem, secret, where=str(self.path_of(entry)))
        _check_public(entry, key.public)
        return key.secret

    def install(self, entries: tuple[KeyEntry, ...], files: dict[str, bytes]) -> None:
        """Put restored keys in place, beside nothing but themselves.

        Raises:
            SignerError: Another key or another index is there, or the directory cannot be written to.
        """
        self._make_directory()
        content = {**files, INDEX_FILE: write_index(entries)}
        missing = {}
        for name, data in content.items():
            path = self._directory / name
            if not path.exists():
                missing[name] = data
            elif read_private_file(path, max_bytes=MAX_INDEX_BYTES) != data:
                raise SignerError(
                    "another key is there", where=str(path), hint="restore into an empty directory; nothing was written"
                )
        foreign = {path.name for path in self._directory.iterdir() if _FILE.match(path.name)} - content.keys()
        if foreign:
            raise SignerError("other keys are there", where=str(self._directory), found=", ".join(sorted(foreign)))
        for name, data in missing.items():  # the index comes last: what it names is there
            write_private_file(self._directory / name, data)

    def _add(self, entries: tuple[KeyEntry, ...], role: Role, passphrase: Passphrase) -> KeyEntry:
        self._make_directory()
        # A file that no index names is left from an interrupted run; its number is not used again.
        numbers = [entry.number for entry in entries if entry.role is role]
        for path in self._directory.iterdir():
            match = _FILE.match(path.name)
            if match and match[1] == role.value:
                numbers.append(int(match[2]))
        number = max(numbers, default=0) + 1
        name = f"{role.value}-{number}.pem"
        secret = passphrase.read(name)
        make = generate_credential_key if role is Role.CREDENTIAL else generate_account_key
        public = make(self._directory / name, secret, kdf_passes=self._kdf_passes)
        entry = KeyEntry(role=role, number=number, public=public, created=self._now(), state=KeyState.ACTIVE)
        write_private_file(self._directory / INDEX_FILE, write_index((*entries, entry)), overwrite=True)
        return entry

    def _make_directory(self) -> None:
        try:
            self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise SignerError(f"cannot make the key directory: {error.strerror}", where=str(self._directory)) from error

    def _now(self) -> str:
        return self._clock().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def check_key(entry: KeyEntry, pem: bytes, passphrase: Passphrase) -> None:
    """Open a key file's text and compare its public part with the index.

    Raises:
        SignerError: It does not open, or it is another key.
    """
    secret = passphrase.read(entry.file_name)
    if entry.role is Role.CREDENTIAL:
        _check_public(entry, credential_key_from_pem(pem, secret, where=entry.file_name).multikey)
    else:
        _check_public(entry, account_key_from_pem(pem, secret, where=entry.file_name).public)


def write_index(entries: tuple[KeyEntry, ...]) -> bytes:
    """The canonical bytes of a key index."""
    ordered = sorted(entries, key=lambda entry: (entry.role.value, entry.number))
    return jcs({"format": KEY_INDEX_FORMAT, "keys": [_entry_document(entry) for entry in ordered]})


def parse_index(data: bytes, *, where: str) -> tuple[KeyEntry, ...]:
    """Read a key index strictly.

    Raises:
        SignerError: It is damaged; the message says how.
    """
    try:
        document = parse_canonical(data, max_bytes=MAX_INDEX_BYTES)
        if not isinstance(document, dict) or document.keys() != {"format", "keys"}:
            raise SchemaError("not a key index", expected="format and keys")
        if document["format"] != KEY_INDEX_FORMAT:
            raise SchemaError("not a key index we read", expected=KEY_INDEX_FORMAT, found=document["format"])
        if not isinstance(document["keys"], list):
            raise SchemaError("not a list of keys", where="keys")
        entries = tuple(_read_entry(item, f"keys[{at}]") for at, item in enumerate(document["keys"]))
        _check_entries(entries)
    except (DocumentError, CanonicalError, CredentialError) as error:
        raise SignerError(f"the key index is damaged: {error}", where=where) from error
    return entries


def _check_public(entry: KeyEntry, public: str) -> None:
    if public != entry.public:
        raise SignerError(
            "the file holds another key than the index says", where=entry.file_name, expected=entry.public, found=public
        )


def _entry_document(entry: KeyEntry) -> dict[str, Any]:
    document = {
        "file": entry.file_name,
        "public": entry.public,
        "role": entry.role.value,
        "created": entry.created,
        "state": entry.state.value,
    }
    if entry.retired is not None:
        document["retired"] = entry.retired
    return document


def _read_entry(item: Any, where: str) -> KeyEntry:
    members = {"file", "public", "role", "created", "state"}
    if not isinstance(item, dict) or item.keys() - {"retired"} != members:
        raise SchemaError("not a key", where=where, expected=", ".join(sorted(members)))
    if not all(isinstance(value, str) for value in item.values()):
        raise SchemaError("not a key: every member is a text", where=where)
    match = _FILE.match(item["file"])
    if not match or match[1] != item["role"]:
        raise SchemaError("not a key file of this role", where=where, found=item["file"])
    if item["state"] not in ("active", "retired") or (item["state"] == "retired") != ("retired" in item):
        raise SchemaError("not a state of a key", where=where, expected="active, or retired with its time")
    for member in ("created", "retired"):
        if member in item and not _TIME.match(item[member]):
            raise SchemaError("not a time", where=f"{where}.{member}", found=item[member])
    role = Role(item["role"])
    if role is Role.CREDENTIAL:
        decode_multikey(item["public"])
    elif not _ACCOUNT_KEY.match(item["public"]):
        raise SchemaError("not a compressed public key", where=f"{where}.public", found=item["public"])
    return KeyEntry(
        role=role,
        number=int(match[2]),
        public=item["public"],
        created=item["created"],
        state=KeyState(item["state"]),
        retired=item.get("retired"),
    )


def _check_entries(entries: tuple[KeyEntry, ...]) -> None:
    names = [entry.file_name for entry in entries]
    if len(set(names)) != len(names):
        raise SchemaError("one key file twice")
    in_use = [entry.role for entry in entries if entry.state is KeyState.ACTIVE]
    if len(set(in_use)) != len(in_use):
        raise SchemaError("two keys in use for one role")
