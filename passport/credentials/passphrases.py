"""Where passphrases come from: a terminal, a private file, or the system's key store, never a flag."""

from __future__ import annotations

import getpass
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from passport.credentials.key_files import read_private_file
from passport.errors import SignerError


class Passphrase(Protocol):
    """A source of passphrases."""

    def read(self, purpose: str) -> bytes:
        """Return the passphrase as UTF-8.

        Args:
            purpose: What it opens, for the person who is asked.

        Raises:
            SignerError: There is none.
        """
        ...


@dataclass(frozen=True, slots=True)
class KnownPassphrase:
    """A passphrase that the program already holds; it does not show itself."""

    secret: bytes = field(repr=False)

    def read(self, purpose: str) -> bytes:
        """Return it, whatever the purpose."""
        return self.secret


@dataclass(frozen=True, slots=True)
class PromptPassphrase:
    """Asks at the terminal, without echo.

    Attributes:
        confirm: Ask twice, for a new passphrase.
        ask: How to ask; `getpass.getpass` unless told.
    """

    confirm: bool = False
    ask: Callable[[str], str] = getpass.getpass

    def read(self, purpose: str) -> bytes:
        """Ask for it.

        Raises:
            SignerError: Nothing was typed, the two answers differ, or there is no terminal to ask at.
        """
        try:
            with warnings.catch_warnings():
                # Without a terminal getpass warns, and then reads what is typed with everybody looking on.
                warnings.simplefilter("error", getpass.GetPassWarning)
                answer = self.ask(f"Passphrase for {purpose}: ")
                again = self.ask("Again: ") if self.confirm else answer
        except (EOFError, OSError, getpass.GetPassWarning) as error:
            raise SignerError("no terminal to ask for a passphrase", where=purpose, hint="name a file") from error
        if answer != again:
            raise SignerError("the two passphrases differ", where=purpose)
        if not answer:
            raise SignerError("the passphrase is empty", where=purpose)
        return answer.encode()


@dataclass(frozen=True, slots=True)
class FilePassphrase:
    """The first line of a file that only its owner may read."""

    path: Path

    def read(self, purpose: str) -> bytes:
        """Read it.

        Raises:
            SignerError: No such file, an empty first line, or others may read it.
        """
        secret = read_private_file(self.path, max_bytes=4096).split(b"\n", 1)[0].rstrip(b"\r")
        if not secret:
            raise SignerError("the passphrase file is empty", where=str(self.path))
        return secret


@dataclass(frozen=True, slots=True)
class KeyringPassphrase:
    """An entry of the system's key store (needs the extra `keyring`)."""

    service: str
    username: str

    def read(self, purpose: str) -> bytes:
        """Ask the key store.

        Raises:
            SignerError: No such entry, no key store, or the extra is not installed.
        """
        try:
            import keyring
            import keyring.errors
        except ImportError as error:
            raise SignerError(
                "the package keyring is missing", hint="pip install 'carbon-passport[keyring]'"
            ) from error
        try:
            secret = keyring.get_password(self.service, self.username)
        except keyring.errors.KeyringError as error:
            raise SignerError(f"the key store did not answer: {error}", where=self._where()) from error
        if not secret:
            raise SignerError("no such entry in the key store", where=self._where())
        return secret.encode()

    def _where(self) -> str:
        return f"keyring:{self.service}/{self.username}"


def passphrase_from(source: str) -> Passphrase:
    """Choose a source by its text: `prompt:`, `file:PATH` or `keyring:SERVICE/USERNAME`.

    Raises:
        SignerError: Another text.
    """
    scheme, colon, rest = source.partition(":")
    if colon and scheme == "prompt" and not rest:
        return PromptPassphrase()
    if colon and scheme == "file" and rest:
        return FilePassphrase(Path(rest))
    service, slash, username = rest.partition("/")
    if colon and scheme == "keyring" and slash and service and username:
        return KeyringPassphrase(service=service, username=username)
    # What was given is not repeated: it may be the passphrase itself.
    raise SignerError("not a source of passphrases", expected="prompt:, file:PATH or keyring:SERVICE/USERNAME")
