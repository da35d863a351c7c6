"""Backups of a key directory: one file, encrypted and authenticated (scrypt, AES-256-GCM).

The key files inside keep their own encryption, so a backup needs two passphrases to yield a key.
"""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from passport.credentials.canonical import jcs, parse_canonical
from passport.credentials.kdf_cost import MAX_LANES, SCRYPT_N, SCRYPT_R, check_scrypt_cost
from passport.credentials.key_files import read_private_file, write_private_file
from passport.credentials.key_ring import KeyEntry, KeyRing, check_key, parse_index, write_index
from passport.credentials.multikey import base64url_decode, base64url_encode
from passport.credentials.passphrases import Passphrase
from passport.errors import CanonicalError, CredentialError, DocumentError, SchemaError, SignerError

KEY_BACKUP_FORMAT: Final = "carbon-passport/key-backup/1.0"
MAX_BACKUP_BYTES: Final = 16 * 1024 * 1024
_HEADER: Final = frozenset({"format", "n", "r", "p", "salt", "nonce"})


def write_backup(ring: KeyRing, path: Path, passphrase: Passphrase, *, kdf_passes: int = 5) -> int:
    """Write every key of a ring and its index into one new file, and return the number of keys.

    Args:
        ring: The keys.
        path: Where; nothing may be there.
        passphrase: Opens the backup. Each key still needs its own.
        kdf_passes: How hard the backup is to guess; each pass costs about 50 ms.

    Raises:
        SignerError: No keys, a key file is missing or readable by others, the file exists, or more passes than anybody
            reads.
    """
    check_scrypt_cost(SCRYPT_N, SCRYPT_R, kdf_passes, where="kdf_passes")
    entries = ring.entries()
    if not entries:
        raise SignerError("there are no keys to back up", where=str(ring.directory))
    files = {entry.file_name: read_private_file(ring.path_of(entry)).decode("ascii") for entry in entries}
    plain = jcs({"files": files, "index": write_index(entries).decode()})
    header: dict[str, Any] = {
        "format": KEY_BACKUP_FORMAT,
        "n": SCRYPT_N,
        "r": SCRYPT_R,
        "p": kdf_passes,
        "salt": base64url_encode(secrets.token_bytes(16)),
        "nonce": base64url_encode(secrets.token_bytes(12)),
    }
    sealed = _cipher(header, passphrase.read(path.name)).encrypt(base64url_decode(header["nonce"]), plain, jcs(header))
    write_private_file(path, jcs({**header, "ciphertext": base64url_encode(sealed)}))
    return len(entries)


def restore_backup(
    ring: KeyRing, path: Path, passphrase: Passphrase, *, key_passphrase: Passphrase | None = None
) -> int:
    """Put the keys of a backup into a ring's directory, and return their number.

    Args:
        ring: Where they go; the same keys may be there already, others may not.
        path: The backup.
        passphrase: Opens the backup.
        key_passphrase: Opens the keys themselves; when given, each is compared with the index before any is written.

    Raises:
        SignerError: A wrong passphrase, a damaged backup, other keys in the directory, or a key that is not what the
            index says.
    """
    entries, files = _read_backup(path, passphrase)
    if key_passphrase is not None:
        for entry in entries:
            check_key(entry, files[entry.file_name], key_passphrase)
    ring.install(entries, files)
    return len(entries)


def _read_backup(path: Path, passphrase: Passphrase) -> tuple[tuple[KeyEntry, ...], dict[str, bytes]]:
    where = str(path)
    try:
        document = parse_canonical(read_private_file(path, max_bytes=MAX_BACKUP_BYTES), max_bytes=MAX_BACKUP_BYTES)
        header, sealed = _header(document)
        cipher = _cipher(header, passphrase.read(path.name))
        plain = cipher.decrypt(base64url_decode(header["nonce"]), sealed, jcs(header))
        content = parse_canonical(plain, max_bytes=MAX_BACKUP_BYTES)
    except InvalidTag as error:
        raise SignerError(
            "the backup does not open", where=where, hint="a wrong passphrase, or the file was changed"
        ) from error
    except (DocumentError, CanonicalError) as error:
        raise SignerError(f"not a key backup: {error}", where=where) from error
    if not isinstance(content, dict) or content.keys() != {"files", "index"} or not isinstance(content["files"], dict):
        raise SignerError("not a key backup: files and index are missing", where=where)
    if not all(isinstance(text, str) and text.isascii() for text in (content["index"], *content["files"].values())):
        raise SignerError("not a key backup: its files are not plain text", where=where)
    entries = parse_index(content["index"].encode(), where=where)
    files = {name: text.encode("ascii") for name, text in content["files"].items()}
    if files.keys() != {entry.file_name for entry in entries}:
        raise SignerError("the backup's keys are not those of its index", where=where)
    return entries, files


def _header(document: Any) -> tuple[dict[str, Any], bytes]:
    if not isinstance(document, dict) or document.get("format") != KEY_BACKUP_FORMAT:
        raise SchemaError("another format", where="format", expected=KEY_BACKUP_FORMAT)
    if document.keys() != _HEADER | {"ciphertext"}:
        raise SchemaError("missing or unknown members", expected=", ".join(sorted(_HEADER | {"ciphertext"})))
    # The cost is the file's word before anything is authenticated, so it is bounded.
    passes = document["p"]
    if (
        document["n"] != SCRYPT_N
        or document["r"] != SCRYPT_R
        or type(passes) is not int
        or not 1 <= passes <= MAX_LANES
    ):
        raise SchemaError("a cost we do not pay", expected=f"n {SCRYPT_N}, r {SCRYPT_R}, p up to {MAX_LANES}")
    lengths = {"salt": 16, "nonce": 12}
    try:
        for member, length in lengths.items():
            if not isinstance(document[member], str) or len(base64url_decode(document[member])) != length:
                raise SchemaError(f"not {length} bytes in base64url", where=member)
        if not isinstance(document["ciphertext"], str):
            raise SchemaError("not base64url", where="ciphertext")
        sealed = base64url_decode(document["ciphertext"], max_characters=MAX_BACKUP_BYTES)
    except CredentialError as error:
        raise SchemaError(str(error)) from error
    return {member: document[member] for member in _HEADER}, sealed


def _cipher(header: dict[str, Any], passphrase: bytes) -> AESGCM:
    if not passphrase:
        raise SignerError("the passphrase is empty", hint="a backup is always encrypted")
    salt = base64url_decode(header["salt"])
    return AESGCM(Scrypt(salt=salt, length=32, n=header["n"], r=header["r"], p=header["p"]).derive(passphrase))
