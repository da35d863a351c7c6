"""Whether an exported log is signed by its issuer, by the keys that the registry has bound to it.

The registry cannot list an entity's keys, it knows hashes; so the keys come from the statements at hand that keys make
of whom they belong to, and the registry says which of them are the issuer's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from passport.credentials import decode_multikey, key_hash, read_key_binding
from passport.credentials.multikey import KeyKind
from passport.errors import PassportError, ProofError
from passport.ledger.authority import Judgement, credential_key_good_at, entity_good_at
from passport.ledger.chain_id import Address
from passport.ledger.entity import IssuerId
from passport.ledger.registry import RegistryView
from passport.ledger.signed_note import NoteAlgorithm, NoteKey, SignedNote
from passport.store import DocumentKind, Store
from passport.store.documents import MAX_PAGE
from verifier.outcome import Outcome

MAX_KEYS_AT_HAND = 20_000
"""So many keys are looked at: more than an entity has, and than strangers may file in its name to hide them."""


def keys_at_hand(store: Store, issuer_id: str) -> Iterator[str]:
    """The keys, as Multikeys, whose own statements in a store tie them to an entity; strangers' ones among them.

    Args:
        store: Where documents are kept.
        issuer_id: The entity.
    """
    for body in islice(_bodies(store, issuer_id), MAX_KEYS_AT_HAND):
        try:
            yield read_key_binding(body).multikey
        except PassportError:  # anybody may have filed it
            continue


def judge_log_signature(
    note: SignedNote,
    registry: RegistryView,
    *,
    origin: str,
    issuer_id: str,
    multikeys: Iterable[str],
    time: int,
    roots: Sequence[str],
) -> tuple[Outcome, str]:
    """Whether a key that the registry has bound to the issuer signed a checkpoint.

    A checkpoint says nothing of when it was signed; a key that was bound after the checkpoint got into the chain may
    sign the copy, one whose window ended before may not, and nobody believes one that was in wrong hands by then.

    Args:
        note: The checkpoint.
        registry: The registry as of some block.
        origin: The log's origin: the name under which its issuer signs.
        issuer_id: The issuer.
        multikeys: Keys at hand that may be the issuer's.
        time: When the checkpoint got into the chain, unix seconds.
        roots: Registrars the reader trusts from outside.

    Returns:
        The outcome, and what was found.
    """
    named = {each.key_id for each in note.signatures if each.name == origin}
    if not named:
        who = ", ".join(sorted({each.name for each in note.signatures})[:8])
        return Outcome.UNKNOWN, f"the issuer has not signed this copy; it is signed in the name of {who}"
    refused: list[str] = []
    for multikey in multikeys:
        key = _note_key(multikey, origin)
        if key is None or key.key_id not in named:
            continue
        record = registry.credential_key(issuer_id, key_hash(multikey))
        if record is None:
            continue  # a stranger's, filed in the issuer's name
        try:
            note.signed_by([key])
        except ProofError as error:
            return Outcome.FAILED, f"in the name of {multikey}: {error.message}"
        judged = _good(registry, IssuerId(issuer_id), multikey, max(time, record.window.valid_from), roots)
        if judged.good:
            return Outcome.PASSED, f"{multikey}, bound to the issuer on the registry"
        refused.append(judged.reason)
    if refused:
        return Outcome.FAILED, refused[0]
    return Outcome.UNKNOWN, "no key at hand that the registry has bound to the issuer signed it: give --log-key"


def _good(registry: RegistryView, issuer_id: IssuerId, multikey: str, time: int, roots: Sequence[str]) -> Judgement:
    entity = entity_good_at(registry, issuer_id, time=time, roots=[Address(root) for root in roots])
    return credential_key_good_at(registry, issuer_id, key_hash(multikey), time=time) if entity.good else entity


def _note_key(multikey: str, origin: str) -> NoteKey | None:
    try:
        decoded = decode_multikey(multikey)
        return NoteKey(origin, NoteAlgorithm.ED25519, decoded.raw) if decoded.kind is KeyKind.ED25519 else None
    except PassportError:
        return None


def _bodies(store: Store, issuer_id: str) -> Iterator[bytes]:
    """Statements of keys in the entity's name, page by page: who floods a store must not hide what came later."""
    after: int | None = None
    while page := store.find_documents(DocumentKind.KEY_BINDING, issuer_id=issuer_id, limit=MAX_PAGE, after=after):
        for ref in page:
            yield store.get_document(DocumentKind.KEY_BINDING, ref.digest)
        after = page[-1].sequence
