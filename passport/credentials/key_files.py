"""Private key files: encrypted PKCS#8, written whole or not at all, and refused when others could read them.

The library's own "best available" encryption stretches a passphrase by 2,048 rounds of PBKDF2, which a graphics card
undoes by the million. So the envelope is written here: PBES2 with scrypt (RFC 7914, section 7) and AES-256-CBC, which
OpenSSL and `cryptography` read. Both kinds are read.
"""

from __future__ import annotations

import base64
import os
import secrets
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
    load_pem_private_key,
)

from passport.credentials.kdf_cost import SCRYPT_N, SCRYPT_R, check_kdf_cost, check_scrypt_cost, encrypted_der
from passport.errors import SignerError

MAX_KEY_FILE_BYTES: Final = 16 * 1024
KDF_PASSES: Final = 5
"""As the OWASP password storage sheet asks at 16 MiB."""

_PBES2: Final = "1.2.840.113549.1.5.13"
_SCRYPT: Final = "1.3.6.1.4.1.11591.4.11"
_AES256_CBC: Final = "2.16.840.1.101.3.4.1.42"
_INTEGER, _OCTETS, _OID, _SEQUENCE = 0x02, 0x04, 0x06, 0x30


def write_private_file(path: Path, data: bytes, *, overwrite: bool = False) -> None:
    """Write a file that only its owner may read (mode 0600), whole or not at all.

    Args:
        path: Where; the folder must exist.
        data: The content.
        overwrite: Whether a file in its place may be replaced.

    Raises:
        SignerError: A file is there already, or the folder cannot be written to.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            if overwrite:
                temporary.replace(path)
            else:
                os.link(temporary, path)  # unlike a rename, this fails when the name is taken
        finally:
            temporary.unlink(missing_ok=True)
        _sync_folder(path.parent)
    except FileExistsError as error:
        raise SignerError("a file is there already", where=str(path), hint="keys are never overwritten") from error
    except OSError as error:
        raise SignerError(f"cannot write: {error.strerror}", where=str(path)) from error


def read_private_file(path: Path, *, max_bytes: int = MAX_KEY_FILE_BYTES) -> bytes:
    """Read a file that nobody but its owner may read.

    Raises:
        SignerError: It cannot be read, is too long, is not a plain file, or others may read or change it.
    """
    try:
        # Without O_NONBLOCK the opening of a named pipe would wait for somebody to write into it.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        with open(descriptor, "rb") as file:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                raise SignerError("not a plain file", where=str(path))
            if os.name == "posix" and status.st_mode & 0o077:
                raise SignerError(
                    "others may read or change this file",
                    where=str(path),
                    expected="mode 0600",
                    found=f"mode {stat.S_IMODE(status.st_mode):04o}",
                    hint=f"chmod 600 {path}",
                )
            data = file.read(max_bytes + 1)
    except OSError as error:
        raise SignerError(f"cannot read: {error.strerror}", where=str(path)) from error
    if len(data) > max_bytes:
        raise SignerError("the file is too long", where=str(path), expected=f"at most {max_bytes} bytes")
    return data


def encrypt_private_key(key: PrivateKeyTypes, passphrase: bytes, *, kdf_passes: int = KDF_PASSES) -> bytes:
    """The PEM text of a private key, encrypted.

    Args:
        key: The key.
        passphrase: Not empty.
        kdf_passes: scrypt's p; each pass costs about 50 ms.

    Raises:
        SignerError: The passphrase is empty, or more passes than anybody reads.
    """
    if not passphrase:
        raise SignerError("the passphrase is empty", hint="a key file is always encrypted")
    check_scrypt_cost(SCRYPT_N, SCRYPT_R, kdf_passes, where="kdf_passes")
    plain = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    salt, iv = secrets.token_bytes(16), secrets.token_bytes(16)
    secret = Scrypt(salt=salt, length=32, n=SCRYPT_N, r=SCRYPT_R, p=kdf_passes).derive(passphrase)
    padder = padding.PKCS7(128).padder()
    encryptor = Cipher(algorithms.AES(secret), modes.CBC(iv)).encryptor()
    cipher_text = encryptor.update(padder.update(plain) + padder.finalize()) + encryptor.finalize()
    parameters = _der(
        _SEQUENCE, _der(_OCTETS, salt), _integer(SCRYPT_N), _integer(SCRYPT_R), _integer(kdf_passes), _integer(32)
    )
    derivation = _der(_SEQUENCE, _oid(_SCRYPT), parameters)
    scheme = _der(_SEQUENCE, _oid(_AES256_CBC), _der(_OCTETS, iv))
    algorithm = _der(_SEQUENCE, _oid(_PBES2), _der(_SEQUENCE, derivation, scheme))
    text = base64.encodebytes(_der(_SEQUENCE, algorithm, _der(_OCTETS, cipher_text)))
    label = b"ENCRYPTED PRIVATE KEY"
    return b"-----BEGIN " + label + b"-----\n" + text + b"-----END " + label + b"-----\n"


def decrypt_private_key(pem: bytes, passphrase: bytes, *, where: str) -> PrivateKeyTypes:
    """Open the PEM text of an encrypted private key.

    Raises:
        SignerError: A wrong passphrase, a key that is not encrypted, one that costs more to try than we pay, or not
            such a key file at all.
    """
    if not passphrase:
        raise SignerError("the passphrase is empty", where=where)
    try:
        der = encrypted_der(pem)
    except SignerError as error:
        raise SignerError(error.message, where=where) from error
    if der is not None:
        check_kdf_cost(der, where=where)  # before any of it is paid, and of exactly the bytes that are opened

    def load(secret: bytes) -> PrivateKeyTypes:
        return load_pem_private_key(pem, secret) if der is None else load_der_private_key(der, secret)

    try:
        return load(passphrase)
    except TypeError as error:  # "Password was given but private key is not encrypted."
        raise SignerError("the key is not encrypted", where=where, hint="import it into an encrypted file") from error
    except ValueError as error:
        if "password" in str(error).lower() or _takes_passphrases(load):
            raise SignerError("the passphrase does not open this key", where=where) from error
        raise SignerError("not an encrypted private key in PEM (PKCS#8)", where=where) from error
    except Exception as error:  # UnsupportedAlgorithm, and whatever a damaged envelope makes the library raise
        raise SignerError("a private key of a kind we cannot open", where=where) from error


def _takes_passphrases(load: Callable[[bytes], object]) -> bool:
    """Whether a key file's envelope is whole, so that only what is in it may be unreadable.

    One wrong passphrase in 256 happens to give well-formed padding around nonsense. Others then do not.
    """
    for other in (b"\x00one", b"\x00two"):
        try:
            load(other)
        except Exception as error:
            if "password" in str(error).lower():
                return True
    return False


def _sync_folder(folder: Path) -> None:
    """Make a new name survive a power cut (POSIX only; elsewhere a folder cannot be opened)."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _der(tag: int, *parts: bytes) -> bytes:
    """One tag-length-value of ASN.1 DER."""
    body = b"".join(parts)
    if len(body) < 128:
        return bytes([tag, len(body)]) + body
    length = len(body).to_bytes((len(body).bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + body


def _integer(number: int) -> bytes:
    return _der(_INTEGER, number.to_bytes(number.bit_length() // 8 + 1, "big", signed=True))


def _oid(dotted: str) -> bytes:
    first, second, *rest = (int(arc) for arc in dotted.split("."))
    body = bytes([first * 40 + second])
    for arc in rest:
        groups = [arc & 0x7F]
        while arc := arc >> 7:
            groups.append(0x80 | arc & 0x7F)
        body += bytes(reversed(groups))
    return _der(_OID, body)
