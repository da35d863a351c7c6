"""DID resolvers: from a DID to its document, out of the key itself, a folder, or the web."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, Protocol

from passport.credentials.canonical import jcs
from passport.credentials.did import (
    MAX_DID_DOCUMENT_BYTES,
    DidDocument,
    build_did_key_document,
    key_for,
    parse_web_did,
    read_did_document,
)
from passport.credentials.proof import KeyLookup
from passport.errors import ResolutionError, UsageError

DEFAULT_CACHE_ENTRIES: Final = 1024


class Resolver(Protocol):
    """Finds DID documents."""

    def resolve(self, did: str) -> DidDocument:
        """Return the document of a DID.

        Raises:
            ResolutionError: It cannot be had from here.
        """
        ...


class KeyDidResolver:
    """Resolves did:key, which is its own document."""

    def resolve(self, did: str) -> DidDocument:
        """Return the document that the key stands for.

        Raises:
            ResolutionError: Not a did:key of a kind we verify with.
        """
        return read_did_document(jcs(build_did_key_document(did)), did=did)


class FileDidResolver:
    """Resolves did:web from a folder, for work without a network: `host[%3Aport]/path/did.json`.

    Args:
        folder: Holds a folder for each host; a document without a path lies in `.well-known`.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path_of(self, did: str) -> Path:
        """Where the document of a did:web belongs.

        Raises:
            ResolutionError: Not a did:web.
        """
        web = parse_web_did(did)
        host = web.host if web.port is None else f"{web.host}%3A{web.port}"
        return self._folder / host / Path(web.url_path.lstrip("/"))

    def resolve(self, did: str) -> DidDocument:
        """Read the document.

        Raises:
            ResolutionError: Not a did:web, no such file, or not its document.
        """
        path = self.path_of(did)
        try:
            with path.open("rb") as file:
                data = file.read(MAX_DID_DOCUMENT_BYTES + 1)
        except OSError as error:
            raise ResolutionError(f"no DID document on file: {error.strerror}", where=did, found=str(path)) from error
        return read_did_document(data, did=did)


class ChainOfResolvers:
    """Asks several resolvers in turn and takes the first answer.

    Args:
        resolvers: At least one.
    """

    def __init__(self, resolvers: Sequence[Resolver]) -> None:
        if not resolvers:
            raise UsageError("a chain of resolvers without a resolver")
        self._resolvers = tuple(resolvers)

    def resolve(self, did: str) -> DidDocument:
        """Return the first document that one of them finds.

        Raises:
            ResolutionError: None of them does; the message holds every reason.
        """
        reasons = []
        for resolver in self._resolvers:
            try:
                return resolver.resolve(did)
            except ResolutionError as error:
                reasons.append(f"{type(resolver).__name__}: {error}")
        raise ResolutionError(f"no resolver knows this DID ({'; '.join(reasons)})", where=did)


class CachingResolver:
    """Remembers what another resolver found, for a while and for a bounded number of DIDs; never failures.

    Args:
        inner: Who really resolves.
        clock: The time (aware).
        lifetime: How long a document is taken as current.
        max_entries: Beyond it the document asked for longest ago is forgotten.
    """

    def __init__(
        self,
        inner: Resolver,
        *,
        clock: Callable[[], datetime],
        lifetime: timedelta = timedelta(minutes=5),
        max_entries: int = DEFAULT_CACHE_ENTRIES,
    ) -> None:
        self._inner = inner
        self._clock = clock
        self._lifetime = lifetime
        self._max_entries = max_entries
        self._entries: OrderedDict[str, tuple[datetime, DidDocument]] = OrderedDict()
        self._lock = threading.Lock()

    def resolve(self, did: str) -> DidDocument:
        """Return the remembered document, or resolve it.

        Raises:
            ResolutionError: As the inner resolver.
        """
        now = self._clock()
        with self._lock:
            entry = self._entries.get(did)
            if entry is not None and now < entry[0] + self._lifetime:
                self._entries.move_to_end(did)
                return entry[1]
        document = self._inner.resolve(did)
        with self._lock:
            self._entries[did] = (now, document)
            self._entries.move_to_end(did)
            while len(self._entries) > self._max_entries:
                self._entries.popitem(last=False)
        return document


def key_lookup(resolver: Resolver, *, purpose: str = "assertionMethod", at: datetime | None = None) -> KeyLookup:
    """The key lookup for `verify_secured` that asks a resolver.

    Args:
        resolver: Finds the DID documents.
        purpose: What the key must be listed for.
        at: The moment the key was used (aware).
    """

    def lookup(verification_method: str) -> str:
        document = resolver.resolve(verification_method.partition("#")[0])
        return key_for(document, verification_method, purpose=purpose, at=at)

    return lookup
