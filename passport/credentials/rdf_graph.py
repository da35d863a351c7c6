"""A JSON-LD document as the canonical N-Quads of RDFC-1.0, if it says nothing that these would leave out.

Expansion drops what no context defines, and whatever is dropped is not signed. So a document is refused unless all of
it arrives in the graph: no undefined term, no name that is not absolute, no null, no empty array. Nor may a text hide
from its readers what its graph says: members go by their terms and not by IRIs, and no list says a thing twice. Texts
must not be able to write quads of their own, and a graph must not cost more than it is worth to sort (RDFC-1.0,
section 7.1).

The processor is `pyld`, loaded when a graph is asked for. Its URDNA2015 is RDFC-1.0 but for how control characters
are written; texts with those are refused.

Source: W3C, JSON-LD 1.1 Processing Algorithms, sections 5 and 8; RDF Dataset Canonicalization (RDFC-1.0), section 4.
"""

from __future__ import annotations

import json
import re
from hashlib import sha256, sha384
from math import factorial
from typing import Any, Final

from passport.credentials.local_contexts import LocalContexts
from passport.errors import BoundError, CredentialError, PassportError, SchemaError

MAX_VALUES: Final = 10_000
"""How many values a document may have."""
MAX_LIST: Final = 1_000
"""How many of them may stand in one list: the processor compares each with all others."""
MAX_ORDERS: Final = 5_000
"""How many orders of blank nodes that look alike are tried; documents that people mean need a handful."""

_MAX_SAFE_INTEGER: Final = 2**53 - 1
_IRI: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>\"{}|\\^`\x7f]*\Z")
_LANGUAGE: Final = re.compile(r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*\Z")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_OF_VALUES: Final = frozenset({"@language", "@type", "@value"})
_KEYWORDS: Final = _OF_VALUES | {"@id", "@list"}
_JSON: Final = "@json"


def canonical_quads(document: dict[str, Any], contexts: LocalContexts, *, with_sha384: bool = False) -> bytes:
    """The canonical N-Quads of one node with its `@context`.

    Args:
        document: JSON values; the contexts are named by URL, none stands in the document.
        contexts: Where their documents are.
        with_sha384: Tell blank nodes apart by SHA-384 instead of SHA-256, as the suite wants it for P-384 keys.

    Raises:
        CredentialError: A context is not at hand, or the processor is not installed.
        SchemaError: Something would be left out of the graph, or could be read in two ways.
        BoundError: The graph is too large, or takes too long to sort.
    """
    contexts.check(_urls(document.get("@context")))
    plain = _source({name: value for name, value in document.items() if name != "@context"}, "$")
    if _count(plain) > MAX_VALUES:
        raise BoundError("a document with too many values for a graph", expected=f"at most {MAX_VALUES}")
    try:
        from pyld.canon import URDNA2015
        from pyld.jsonld import JsonLdError, JsonLdProcessor
    except ImportError as error:
        raise CredentialError("RDF canonicalisation is not installed", hint="install carbon-passport[rdfc]") from error

    # Without `None` the processor completes relative names by a base of its own.
    options = {"base": None, "processingMode": "json-ld-1.1", "documentLoader": contexts.loader}
    try:
        processor = JsonLdProcessor(on_property_dropped=_refuse_dropped)
        expanded = processor.expand({"@context": document["@context"], **plain}, options)
        if len(expanded) != 1:
            raise SchemaError("not one node of a graph", found=f"{len(expanded)} nodes")
        _check_expanded(expanded[0], "$")
        dataset = processor.to_rdf(expanded, options)
        canon = URDNA2015()
        canon.create_hash = sha384 if with_sha384 else sha256
        _bound(canon)
        quads: str = canon.main(dataset, {"format": "application/n-quads"})
    except JsonLdError as error:
        raise SchemaError("no JSON-LD that can be expanded", found=_cause(error)) from error
    except RecursionError as error:
        raise BoundError("a graph that is nested too deep") from error
    except PassportError:
        raise
    except (AttributeError, LookupError, TypeError, ValueError) as error:  # the processor meets a context that is none
        raise SchemaError("no JSON-LD that can be expanded", found=f"{type(error).__name__}: {error}"[:200]) from error
    return quads.encode()


def _urls(context: Any) -> list[str]:
    urls = context if isinstance(context, list) else [context]
    if not urls or not all(isinstance(url, str) for url in urls):
        raise SchemaError(
            "a context that stands in the document, where nobody signed it",
            where="@context",
            expected="URLs of contexts that are known",
        )
    if len(set(urls)) < len(urls):
        raise SchemaError("a context that is named twice", where="@context")
    return urls


def _source(value: Any, where: str) -> Any:
    """The value with whole numbers as integers, as JSON-LD takes them; depth is bounded by whoever parsed it."""
    if isinstance(value, dict):
        if "@language" in value and "@value" not in value:
            raise SchemaError("a language without words, which the proof would not cover", where=where)
        for name in value:
            _check_key(name, where, is_value="@value" in value)
        return {name: _source(item, f"{where}.{name}") for name, item in value.items()}
    if isinstance(value, list):
        if not value:
            raise SchemaError("an empty list, which the proof would not cover", where=where)
        if len(value) > MAX_LIST:
            raise BoundError("a list that is too long for a graph", where=where, expected=f"at most {MAX_LIST}")
        return [_source(item, f"{where}[{number}]") for number, item in enumerate(value)]
    if value is None:
        raise SchemaError("a null, which the proof would not cover", where=where)
    if isinstance(value, str) and _CONTROL.search(value):
        raise SchemaError("a control character", where=where)
    if isinstance(value, (int, float)) and not isinstance(value, bool) and value == int(value):
        if abs(value) > _MAX_SAFE_INTEGER:
            raise SchemaError("a whole number beyond 53 bits", where=where, found=str(value))
        return int(value)
    return value


def _count(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + sum(map(_count, value.values()))
    return sum(map(_count, value)) if isinstance(value, list) else 1


def _check_key(name: str, where: str, *, is_value: bool) -> None:
    if name.startswith("@") and not (is_value and name in _OF_VALUES):
        raise SchemaError("a keyword that is not judged here", where=f"{where}.{name}"[:200])
    if ":" in name:
        raise SchemaError(
            "a member that is named by its IRI, so that readers of the text miss it",
            where=where,
            expected="its term",
            found=name[:200],
        )
    if _CONTROL.search(name):
        raise SchemaError("a control character", where=where)


def _refuse_dropped(name: Any) -> None:
    raise SchemaError("a term that no context defines, which the proof would not cover", found=str(name)[:200])


def _check_expanded(value: Any, where: str) -> None:
    """Nothing in an expanded node is left out of its graph, and every name in it is one."""
    if isinstance(value, list):
        for item in value:
            _check_expanded(item, where)
        return
    if not isinstance(value, dict):
        raise SchemaError("no node of a graph", where=where, found=type(value).__name__)
    for name, item in value.items():
        if name.startswith("@"):
            if name not in _KEYWORDS:
                raise SchemaError("a part that the proof would not cover", where=where, found=name)
        else:
            _check_iri(name, where)
            _check_apart(item, name)
            _check_expanded(item, name)
    if "@list" in value:
        _check_expanded(value["@list"], where)
    if "@id" in value:
        _check_iri(value["@id"], where)
    kinds = value.get("@type", [])
    for kind in kinds if isinstance(kinds, list) else [kinds]:
        if not ("@value" in value and kind == _JSON):
            _check_iri(kind, where)
    language = value.get("@language")
    if language is not None and not _LANGUAGE.match(language):
        raise SchemaError("not a language", where=where, found=language[:80])


def _check_apart(values: list[Any], where: str) -> None:
    """In a graph the values of a member are a set; nodes without a name are never one and the same."""
    names = [
        value["@id"] if "@id" in value else json.dumps(value, sort_keys=True)
        for value in values
        if isinstance(value, dict) and ("@id" in value or "@value" in value)
    ]
    if len(set(names)) < len(names):
        raise SchemaError("a value twice in one list, of which the proof would cover one", where=where)


def _check_iri(name: Any, where: str) -> None:
    if not isinstance(name, str) or not _IRI.match(name):
        raise SchemaError(
            "a name that is not an absolute IRI, which the proof would not cover", where=where, found=str(name)[:200]
        )


def _bound(canon: Any) -> None:
    """Let a canonicalisation give up before it tries more orders of blank nodes than allowed."""
    related_by_hash = canon.create_hash_to_related
    tried = 0

    def bounded(node: Any, issuer: Any) -> Any:
        nonlocal tried
        related = related_by_hash(node, issuer)
        for alike in related.values():
            tried += factorial(min(len(alike), 20))
        if tried > MAX_ORDERS:
            raise BoundError(
                "a graph whose parts look alike in too many ways", expected=f"at most {MAX_ORDERS} orders to try"
            )
        return related

    canon.create_hash_to_related = bounded


def _cause(error: BaseException) -> str:
    """The innermost reason, in one line."""
    while error.__cause__ is not None:
        error = error.__cause__
    return str(error).partition("\n")[0][:200]
