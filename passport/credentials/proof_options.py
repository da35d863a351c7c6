"""The members of an embedded proof: which we know, and what each must say before a signature is worth checking."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any, Final

from passport.credentials.multikey import base58_decode
from passport.errors import CredentialError, SignatureError

EDDSA_JCS_2022: Final = "eddsa-jcs-2022"
ECDSA_JCS_2019: Final = "ecdsa-jcs-2019"
EDDSA_RDFC_2022: Final = "eddsa-rdfc-2022"
ECDSA_RDFC_2019: Final = "ecdsa-rdfc-2019"
JCS_SUITES: Final = (EDDSA_JCS_2022, ECDSA_JCS_2019)
RDFC_SUITES: Final = (EDDSA_RDFC_2022, ECDSA_RDFC_2019)
ASSERTION_METHOD: Final = "assertionMethod"

_PROOF_MEMBERS: Final = frozenset(
    {
        "@context",
        "challenge",
        "created",
        "cryptosuite",
        "domain",
        "expires",
        "id",
        "nonce",
        "proofPurpose",
        "proofValue",
        "type",
        "verificationMethod",
    }
)
_FREE_TEXTS: Final = ("challenge", "domain", "id", "nonce")
_TIME: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?(?:Z|[+-][0-9]{2}:[0-9]{2})\Z"
)
_DID_URL: Final = re.compile(r"(did:[a-z0-9]+:[A-Za-z0-9._:%-]+)#[A-Za-z0-9._~:%-]+\Z")


def narrow_context(document: dict[str, Any], proof: dict[str, Any]) -> bool:
    """Let a foreign document keep only the contexts that its proof signed, as the suites say; whether any went."""
    signed, found = proof.get("@context"), document.get("@context")
    if not isinstance(signed, list) or not isinstance(found, list) or not signed or signed == found:
        return False
    if found[: len(signed)] != signed:
        return False
    document["@context"] = signed
    return True


def check_context(document: dict[str, Any], proof: dict[str, Any], *, required: bool) -> None:
    """Check that the proof was made for the document's own `@context`.

    Raises:
        SignatureError: It was not, or does not say although it must.
    """
    if "@context" in proof:
        if proof["@context"] != document.get("@context"):
            raise SignatureError("the proof was made for another @context", where="proof.@context")
    elif required and "@context" in document:
        raise SignatureError("the proof does not repeat the document's @context", where="proof.@context")


def check_options(proof: dict[str, Any], at: datetime | None, *, suites: tuple[str, ...] = JCS_SUITES) -> datetime:
    """Check every member of a proof but its value, and return when it was created.

    Args:
        proof: The proof.
        at: The moment at which a proof with `expires` must still hold (aware).
        suites: The cryptosuites that the caller verifies.

    Raises:
        SignatureError: A member we do not know, is missing, or says something we do not accept.
    """
    if not _PROOF_MEMBERS.issuperset(proof):
        unknown = sorted(set(proof) - _PROOF_MEMBERS)
        raise SignatureError("a proof with members we do not judge", where="proof", found=", ".join(unknown))
    if proof.get("type") != "DataIntegrityProof":
        raise SignatureError(
            "unknown type of proof", where="proof.type", expected="DataIntegrityProof", found=proof.get("type")
        )
    suite = proof.get("cryptosuite")
    if suite not in suites:
        raise SignatureError(
            "unknown cryptosuite",
            where="proof.cryptosuite",
            expected=" or ".join(suites),
            found=suite,
        )
    if proof.get("proofPurpose") != ASSERTION_METHOD:
        raise SignatureError(
            "the proof serves another purpose",
            where="proof.proofPurpose",
            expected=ASSERTION_METHOD,
            found=proof.get("proofPurpose"),
        )
    method = proof.get("verificationMethod")
    if not isinstance(method, str) or len(method) > 2048 or not _DID_URL.match(method):
        raise SignatureError(
            "the verification method is not an absolute DID URL", where="proof.verificationMethod", found=method
        )
    for name in _FREE_TEXTS:
        if name in proof:
            _check_text(proof[name], name)
    if "created" not in proof:
        raise SignatureError("the proof does not say when it was created", where="proof.created")
    created = _time(proof["created"], "proof.created")
    if "expires" in proof:
        expires = _time(proof["expires"], "proof.expires")
        if at is None:
            raise SignatureError("the proof expires, and no time was given to judge it by", where="proof.expires")
        if at >= expires:
            raise SignatureError("the proof has expired", where="proof.expires", expected=f"after {at}", found=expires)
    return created


def _check_text(value: Any, name: str) -> None:
    """These are texts, `domain` perhaps several: nothing here judges them, so nothing else may hide in them."""
    texts = value if name == "domain" and isinstance(value, list) else [value]
    if not all(isinstance(text, str) for text in texts):
        raise SignatureError("not a text", where=f"proof.{name}", found=type(value).__name__)


def _time(text: Any, where: str) -> datetime:
    if isinstance(text, str) and _TIME.match(text):
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            pass
    raise SignatureError("not a time with its offset", where=where, expected="2026-11-22T10:00:00Z", found=text)


def read_signature(proof: dict[str, Any]) -> bytes:
    """Decode a proof's value.

    Raises:
        SignatureError: There is none, or it is not multibase base58btc.
    """
    value = proof.get("proofValue")
    if not isinstance(value, str):
        raise SignatureError("the proof has no value", where="proof.proofValue", found=type(value).__name__)
    if value[:1] != "z":
        raise SignatureError("the proof's value is not multibase base58btc", where="proof.proofValue", expected="z...")
    try:
        return base58_decode(value[1:], max_characters=140)
    except CredentialError as error:
        raise SignatureError(f"the proof's value cannot be decoded: {error}", where="proof.proofValue") from error
