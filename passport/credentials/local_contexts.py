"""JSON-LD contexts out of the caller's own files: nothing is ever fetched, and what is not there is not guessed.

A context says what the terms of a credential mean, so whoever chose it chose the meaning. Contexts whose publishers
have frozen them are therefore taken only as they were published, by their hash.

Source of the hashes: W3C, Verifiable Credentials Data Model v2.0, appendix B.1; Data Integrity 1.0, section 2.4.3;
UN/CEFACT, the manifest of UNTP 0.7.0 and the tag v0.6.1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from passport.credentials.canonical import parse
from passport.credentials.plain_file import read_plain_file
from passport.errors import CredentialError, DocumentError, SchemaError

MAX_CONTEXT_BYTES: Final = 1024 * 1024
MAX_CONTEXTS: Final = 64

PUBLISHED_SHA256: Final[Mapping[str, str]] = {
    "https://www.w3.org/ns/credentials/v2": "59955ced6697d61e03f2b2556febe5308ab16842846f5b586d7f1f7adec92734",
    "https://w3id.org/security/data-integrity/v2": "67f21e6e33a6c14e5ccfd2fc7865f7474fb71a04af7e94136cb399dfac8ae8f4",
    "https://w3id.org/security/multikey/v1": "ba2c182de2d92f7e47184bcca8fcf0beaee6d3986c527bf664c195bbc7c58597",
    "https://w3id.org/security/jwk/v1": "0f14b62f6071aafe00df265770ea0c7508e118247d79b7d861a406d2aa00bece",
    "https://vocabulary.uncefact.org/untp/0.7.0/context/": (
        "fbd4824e30d3cfc5cba949e1efe19b4c9ebaee056abe7aaf1c6b139a7bf91b0c"
    ),
    "https://test.uncefact.org/vocabulary/untp/dpp/0.6.1/": (
        "e956ab00591cebabeb6080eb02cd2f22adbda88c4d7861e8e7f03ea64284370f"
    ),
}
"""SHA-256 of the files of contexts that no longer change, by their URL."""


class LocalContexts:
    """Contexts by their URL.

    Args:
        files: The bytes of each context document.

    Raises:
        DocumentError: Not a context document, too many of them, or another one than was published under that URL.
    """

    __slots__ = ("_documents",)

    def __init__(self, files: Mapping[str, bytes]) -> None:
        if len(files) > MAX_CONTEXTS:
            raise DocumentError("too many contexts", expected=f"at most {MAX_CONTEXTS}", found=len(files))
        self._documents = {url: _read(url, data) for url, data in files.items()}

    def check(self, urls: Sequence[str]) -> None:
        """Check that all of these are at hand.

        Raises:
            CredentialError: One is not.
        """
        for url in urls:
            if url not in self._documents:
                raise CredentialError(
                    "a context that is not at hand, so nobody can say what was signed",
                    where="@context",
                    found=url[:200],
                    hint="contexts are never fetched: name a file that lists it",
                )

    def loader(self, url: str, _options: Mapping[str, Any]) -> dict[str, Any]:
        """A context as a processor of JSON-LD takes it from its document loader.

        Raises:
            CredentialError: It is not at hand.
        """
        self.check([url])
        # Read anew: processors write into what they are given.
        document = parse(self._documents[url], max_bytes=MAX_CONTEXT_BYTES)
        return {"contentType": "application/ld+json", "contextUrl": None, "documentUrl": url, "document": document}


def read_local_contexts(lists: Sequence[Path]) -> LocalContexts:
    """Read the contexts that are named in one or several lists.

    Args:
        lists: JSON files, each an object from a context's URL to its file, relative to the list's own folder and
            not outside of it.

    Raises:
        DocumentError: A list or a context cannot be read, or two lists differ about one URL.
    """
    files: dict[str, bytes] = {}
    for path in lists:
        named = parse(read_plain_file(path, max_bytes=MAX_CONTEXT_BYTES, what="list of contexts"))
        if not isinstance(named, dict) or not all(isinstance(name, str) for name in named.values()):
            raise SchemaError("not a list of contexts", where=str(path), expected='{"https://...": "file.jsonld"}')
        if len(named) > MAX_CONTEXTS:
            raise DocumentError(
                "too many contexts", where=str(path), expected=f"at most {MAX_CONTEXTS}", found=len(named)
            )
        for url, name in named.items():
            file = path.parent / name
            if not file.resolve().is_relative_to(path.parent.resolve()):
                raise DocumentError("a context outside the folder of its list", where=str(path), found=name)
            data = read_plain_file(file, max_bytes=MAX_CONTEXT_BYTES, what="context")
            if files.setdefault(url, data) != data:
                raise DocumentError("two lists differ about a context", where=str(path), found=url)
    return LocalContexts(files)


def _read(url: str, data: bytes) -> bytes:
    published = PUBLISHED_SHA256.get(url)
    found = sha256(data).hexdigest()
    if published is not None and found != published:
        raise DocumentError(
            "another context than was published under this URL", where=url, expected=published, found=found
        )
    document = parse(data, max_bytes=MAX_CONTEXT_BYTES)
    if not isinstance(document, dict) or "@context" not in document:
        raise SchemaError("not a JSON-LD context", where=url, expected="an object with @context")
    return data
