"""The rules of the Verifiable Credentials Data Model 2.0 that a JSON Schema does not say, for anybody's credentials.

Contexts are never fetched: what a context defines is known here or stated by the caller, and a credential with another
one is refused, because nobody could say what its terms mean.

Source: W3C, Verifiable Credentials Data Model v2.0, Recommendation, sections 4.3 to 4.13.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Set
from typing import Any, Final

from passport.credentials.validity import valid_period
from passport.credentials.vc_jwt import CREDENTIALS_V2, is_envelope
from passport.errors import SchemaError

MAX_CONTEXTS: Final = 32
MAX_CREDENTIALS: Final = 1000

V2_TYPES: Final = frozenset(
    {
        "BitstringStatusList",
        "BitstringStatusListCredential",
        "BitstringStatusListEntry",
        "DataIntegrityProof",
        "EnvelopedVerifiableCredential",
        "EnvelopedVerifiablePresentation",
        "JsonSchema",
        "JsonSchemaCredential",
        "VerifiableCredential",
        "VerifiablePresentation",
    }
)
"""Types that the base context defines, and protects against other definitions."""

V2_TERMS: Final = frozenset(
    [
        "_sd",
        "_sd_alg",
        "aud",
        "cnf",
        "confidenceMethod",
        "credentialSchema",
        "credentialStatus",
        "credentialSubject",
        "description",
        "digestMultibase",
        "digestSRI",
        "evidence",
        "exp",
        "holder",
        "iat",
        "id",
        "iss",
        "issuer",
        "jku",
        "kid",
        "mediaType",
        "name",
        "nbf",
        "proof",
        "refreshService",
        "relatedResource",
        "renderMethod",
        "sub",
        "termsOfUse",
        "type",
        "validFrom",
        "validUntil",
        "verifiableCredential",
        "x5u",
        "...",
    ]
)
"""Terms that the base context defines for anything, for credentials or for presentations, and protects likewise."""

KNOWN_CONTEXTS: Final[Mapping[str, Set[str] | None]] = {
    CREDENTIALS_V2: V2_TYPES,
    "https://www.w3.org/ns/credentials/undefined-terms/v2": None,
    "https://www.w3.org/ns/credentials/examples/v2": None,
    "https://www.w3.org/ns/did/v1": frozenset(),
    "https://vocabulary.uncefact.org/untp/0.7.0/context/": None,
    "https://test.uncefact.org/vocabulary/untp/dpp/0.6.1/": None,
}
"""Contexts by their URL, with the types they define; None where they give a meaning to any term."""

_URL: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+\Z")
_TYPED: Final = ("credentialStatus", "credentialSchema", "evidence", "proof", "refreshService", "termsOfUse")
_INLINE_KEYWORDS: Final = frozenset({"@protected", "@version", "@vocab"})
_LANGUAGE_MEMBERS: Final = frozenset({"@value", "@language", "@direction"})


def check_credential(document: Any, *, contexts: Mapping[str, Set[str] | None] = KNOWN_CONTEXTS) -> None:
    """Check a credential, secured or not; its signature is not looked at.

    Args:
        document: The JSON values, as a strict parser gives them.
        contexts: What known contexts define.

    Raises:
        SchemaError: A rule is broken; the message says which, and where.
    """
    document = _object(document, "$")
    _check_contexts_and_types(document, "VerifiableCredential", contexts)
    _check_no_inner_context(document)
    _check_id(document, "$")
    issuer = _present(document, "issuer")
    _check_url(issuer.get("id") if isinstance(issuer, dict) else issuer, "issuer")
    for holder, where in ((document, "$"), (issuer, "issuer")):
        if isinstance(holder, dict):
            for name in ("name", "description"):
                _check_words(holder, name, where)
    for at, subject in _each(_present(document, "credentialSubject"), "credentialSubject"):
        if not _object(subject, at):
            raise SchemaError("a subject that says nothing", where=at)
        _check_id(subject, at)
    valid_period(document)
    for name in _TYPED:
        for at, part in _each(document.get(name, []), name):
            _check_type(_object(part, at), at)
            if name == "credentialSchema":
                _check_url(part.get("id"), f"{at}.id")
            elif name != "proof":
                _check_id(part, at)
    _check_related(document)


def check_presentation(
    document: Any,
    *,
    contexts: Mapping[str, Set[str] | None] = KNOWN_CONTEXTS,
    is_self_asserted: bool = False,
) -> None:
    """Check a presentation and the credentials in it.

    Args:
        document: The JSON values.
        contexts: What known contexts define.
        is_self_asserted: Credentials without a proof of their own are what the holder says: then their issuer has to be
            the holder (section 4.13.1).

    Raises:
        SchemaError: A rule is broken; the message says which, and where.
    """
    document = _object(document, "$")
    _check_contexts_and_types(document, "VerifiablePresentation", contexts)
    _check_id(document, "$")
    holder = document.get("holder")
    holder_id = holder.get("id") if isinstance(holder, dict) else holder
    if holder is not None:
        _check_url(holder_id, "holder")
    for number, (at, credential) in enumerate(_each(document.get("verifiableCredential", []), "verifiableCredential")):
        if number >= MAX_CREDENTIALS:
            raise SchemaError("too many credentials", where=at, expected=f"at most {MAX_CREDENTIALS}")
        credential = _object(credential, at)
        if is_envelope(credential):
            _check_envelope(credential, at)
            continue
        try:
            check_credential(credential, contexts=contexts)
        except SchemaError as error:
            raise SchemaError(f"{at}: {error}") from error
        issuer = credential["issuer"]
        issuer_id = issuer["id"] if isinstance(issuer, dict) else issuer
        if is_self_asserted and "proof" not in credential and issuer_id != holder_id:
            raise SchemaError(
                "a credential without a proof that the holder has not issued",
                where=f"{at}.issuer",
                expected=holder_id or "a holder",
                found=issuer_id,
            )


def _check_envelope(envelope: Mapping[str, Any], where: str) -> None:
    """An enveloped credential of whatever media type (section 4.12)."""
    contexts = envelope.get("@context")
    if (contexts[0] if isinstance(contexts, list) and contexts else contexts) != CREDENTIALS_V2:
        raise SchemaError("another first context", where=f"{where}.@context", expected=CREDENTIALS_V2)
    content = envelope.get("id")
    if not isinstance(content, str) or not content.startswith("data:"):
        raise SchemaError("an envelope without content", where=f"{where}.id", expected="data:...")


def _check_contexts_and_types(
    document: Mapping[str, Any], base_type: str, known: Mapping[str, Set[str] | None]
) -> None:
    contexts = document.get("@context")
    if not isinstance(contexts, list) or not contexts or contexts[0] != CREDENTIALS_V2:
        found = contexts[0] if isinstance(contexts, list) and contexts else contexts
        raise SchemaError("another first context", where="@context", expected=CREDENTIALS_V2, found=str(found)[:200])
    if len(contexts) > MAX_CONTEXTS:
        raise SchemaError("too many contexts", where="@context", expected=f"at most {MAX_CONTEXTS}")
    defined: dict[str, str | None] = dict.fromkeys(V2_TYPES)
    protected = set(V2_TYPES)
    takes_any = False
    for number, context in enumerate(contexts[1:], start=1):
        where = f"@context[{number}]"
        if isinstance(context, dict):
            takes_any = _add_inline(context, where, defined, protected, takes_any=takes_any)
            continue
        _check_url(context, where)
        if context not in known:
            raise SchemaError(
                "a context that nobody here knows", where=where, found=context[:200], hint="state what it defines"
            )
        types = known[context]
        takes_any = takes_any or types is None
        defined.update(dict.fromkeys(types or ()))
    types_of = document.get("type")
    listed = [types_of] if isinstance(types_of, str) else types_of
    if not isinstance(listed, list) or base_type not in listed:
        raise SchemaError("another type", where="type", expected=base_type, found=str(types_of)[:200])
    for kind in listed:
        if not isinstance(kind, str):
            raise SchemaError("a type that is no text", where="type", found=type(kind).__name__)
        if kind not in defined and not _URL.match(kind) and not takes_any:
            raise SchemaError("a type that no context defines", where="type", found=kind[:200])


def _add_inline(
    context: Mapping[str, Any], where: str, defined: dict[str, str | None], protected: set[str], *, takes_any: bool
) -> bool:
    """Take in the terms of a context that stands in the document; whether any term has a meaning now."""
    is_protected = context.get("@protected") is True
    for term, mapped in context.items():
        if term == "@vocab":
            takes_any = isinstance(mapped, str)
        if term.startswith("@"):
            if term not in _INLINE_KEYWORDS:
                raise SchemaError("a context that changes how others are read", where=f"{where}.{term}")
            continue
        target = mapped.get("@id") if isinstance(mapped, dict) else mapped
        if isinstance(mapped, dict) and "@context" in mapped:
            raise SchemaError("a context within a context", where=f"{where}.{term}")
        if (term in protected and defined.get(term, target) != target) or term in V2_TYPES or term in V2_TERMS:
            raise SchemaError("a protected term defined anew", where=f"{where}.{term}", found=str(target)[:200])
        _check_url(target, f"{where}.{term}")
        defined[term] = target
        if is_protected or (isinstance(mapped, dict) and mapped.get("@protected") is True):
            protected.add(term)
    return takes_any


def _check_no_inner_context(document: Mapping[str, Any]) -> None:
    """No part of a credential brings a context of its own, by which its terms would mean something else than they say.

    A proof repeats the credential's (Data Integrity, section 2.1), or names that of its suite.
    """
    waiting = [(name, value) for name, value in document.items() if name not in {"@context", "proof"}]
    while waiting:
        where, value = waiting.pop()
        if isinstance(value, dict):
            if "@context" in value:
                raise SchemaError("a context inside a credential", where=f"{where}.@context")
            waiting.extend((f"{where}.{name}", each) for name, each in value.items())
        elif isinstance(value, list):
            waiting.extend((f"{where}[{number}]", each) for number, each in enumerate(value))


def _check_related(document: Mapping[str, Any]) -> None:
    seen: set[str] = set()
    for at, resource in _each(document.get("relatedResource", []), "relatedResource"):
        name = _check_url(_object(resource, at).get("id"), f"{at}.id")
        if name in seen:
            raise SchemaError("one resource listed twice", where=at, found=name)
        seen.add(name)
        if "digestSRI" not in resource and "digestMultibase" not in resource:
            raise SchemaError("a resource without a digest", where=at, expected="digestSRI or digestMultibase")


def _check_words(holder: Mapping[str, Any], name: str, where: str) -> None:
    """A name or description: a text, or texts with their language and direction (section 11.1)."""
    if name not in holder:
        return
    for at, words in _each(holder[name], f"{where}.{name}"):
        if isinstance(words, str):
            continue
        if not isinstance(words, dict) or not isinstance(words.get("@value"), str) or words.keys() - _LANGUAGE_MEMBERS:
            raise SchemaError("not words in a language", where=at, expected="a text, or @value with @language")


def _check_type(part: Mapping[str, Any], where: str) -> None:
    kinds = part.get("type")
    listed = [kinds] if isinstance(kinds, str) else kinds
    if not isinstance(listed, list) or not listed or not all(isinstance(kind, str) and kind for kind in listed):
        raise SchemaError("without a type", where=f"{where}.type", found=str(kinds)[:80])


def _check_id(part: Mapping[str, Any], where: str) -> None:
    if "id" in part:
        _check_url(part["id"], f"{where}.id")


def _check_url(text: Any, where: str) -> str:
    if not isinstance(text, str) or not _URL.match(text):
        raise SchemaError("not a URL", where=where, found=str(text)[:200])
    return text


def _present(document: Mapping[str, Any], name: str) -> Any:
    if name not in document:
        raise SchemaError("missing", where=name)
    return document[name]


def _each(value: Any, where: str) -> Iterator[tuple[str, Any]]:
    """One value, or each of several, with its place."""
    if isinstance(value, list):
        yield from ((f"{where}[{number}]", item) for number, item in enumerate(value))
    else:
        yield where, value


def _object(value: Any, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise SchemaError("not an object", where=where, found=type(value).__name__)
    return value
