"""The answer of `passport who` as a page and as JSON, with the names that entities have by their own signed word."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

from cli.entity_page import recovery_line
from cli.session import Session
from passport.errors import PassportError

if TYPE_CHECKING:
    from passport.ledger import IssuerId
    from passport.ledger.accountable import Accountable
    from passport.store import Store
    from passport.workspace import Workspace
    from verifier.chain_facts import ChainFacts
    from verifier.source import Source
    from verifier.trust import Trust

MAX_TRIED: Final = 20
"""So many passports of an entity are looked at for its name: strangers may file any number under its id."""

Recoveries = Mapping[str, list[dict[str, Any]]]
"""By entity, as `recovery_document` writes them."""


def names_of(
    workspace: Workspace, issuer_ids: Iterable[str], source: Source, trust: Trust, chain: ChainFacts
) -> dict[str, str]:
    """What entities are called in passports that they signed; the registry itself holds hashes of identifiers.

    A passport that somebody else wrote in an entity's name gives it none.
    """
    names: dict[str, str] = {}
    party = workspace.settings.party
    if party is not None:
        names[workspace.issuer_id] = f"{party.name} ({party.scheme} {party.identifier})"
    for issuer_id in dict.fromkeys(issuer_ids):
        if issuer_id not in names:
            found = _name_of(workspace.store, issuer_id, source, trust, chain)
            if found is not None:
                names[issuer_id] = found
    return names


def _name_of(store: Store, issuer_id: str, source: Source, trust: Trust, chain: ChainFacts) -> str | None:
    from passport.store import DocumentKind
    from verifier.outcome import Outcome
    from verifier.passport_signer import signer_of_passport

    for ref in store.find_documents(DocumentKind.PASSPORT, issuer_id=issuer_id, limit=MAX_TRIED):
        try:
            signer = signer_of_passport(store.get_document(DocumentKind.PASSPORT, ref.digest), source, trust, chain)
        except PassportError:  # anybody may have written it
            continue
        if signer.identity.outcome is Outcome.PASSED and signer.inclusion.outcome is Outcome.PASSED:
            facts = signer.facts
            return f"{facts.issuer_name} ({facts.scheme} {facts.identifier})"
    return None


def show_answer(session: Session, found: Accountable, names: Mapping[str, str], recoveries: Recoveries) -> None:
    """Print who answers for one subject."""
    output, entity = session.output, found.entity
    verdict = output.word("who.good" if found.is_good else "who.bad")
    output.result(f"{verdict}  {found.subject}")
    if found.window is not None:
        output.result(
            output.word(
                "who.key",
                purposes=", ".join(found.purposes),
                since=_moment(found.window.valid_from),
                until=_moment(found.window.valid_until) or "-",
                bad=_moment(found.window.bad_from) or "-",
            )
        )
    output.result(output.word("who.entity", name=_called(names, entity.issuer_id), since=_moment(entity.registered_at)))
    if found.primary_id != entity.issuer_id:
        output.result(output.word("who.linked", name=_called(names, found.primary_id)))
    for step in found.chain.steps:
        output.result(
            output.word(
                "who.registrar",
                registrar=step.registrar.address,
                name=_called(names, step.registrar.issuer_id),
                when=_moment(step.time),
            )
        )
    for recovery in recoveries.get(entity.issuer_id, ()):
        output.result(output.word("who.recovery", text=recovery_line(recovery)))
    for judgement in (found.key, found.standing):
        if judgement is not None and not judgement.good:
            output.result(output.word("who.because", reason=judgement.reason))


def answer_document(found: Accountable, names: Mapping[str, str], recoveries: Recoveries) -> dict[str, Any]:
    """Who answers for one subject, as JSON values."""
    entity, window = found.entity, found.window
    return {
        "subject": found.subject,
        "good": found.is_good,
        "key": None
        if window is None or found.key is None
        else {
            "good": found.key.good,
            "reason": found.key.reason,
            "purposes": list(found.purposes),
            "valid_from": window.valid_from,
            "valid_until": window.valid_until,
            "bad_from": window.bad_from,
        },
        "entity": {
            "issuer_id": entity.issuer_id,
            "name": names.get(entity.issuer_id),
            "good": found.standing.good,
            "reason": found.standing.reason,
            "registered_at": entity.registered_at,
            "controller": entity.controller,
            "roles": [role.name for role in entity.roles],
            "linked_to": None if found.primary_id == entity.issuer_id else found.primary_id,
            "suspended_since": found.suspension.began_at if found.suspension else None,
            "void_from": entity.void_from,
            "evidence_hash": "0x" + entity.evidence_hash.hex(),
            "recoveries": list(recoveries.get(entity.issuer_id, ())),
        },
        "registrars": [
            {
                "address": step.registrar.address,
                "issuer_id": step.registrar.issuer_id,
                "name": names.get(step.registrar.issuer_id),
                "vouched_at": step.time,
                "accredited_at": step.registrar.accredited_at,
                "accreditor": step.registrar.accreditor,
                "bad_from": step.registrar.bad_from,
            }
            for step in found.chain.steps
        ],
        "broken": found.chain.broken,
    }


def _called(names: Mapping[str, str], issuer_id: IssuerId | str) -> str:
    known = names.get(issuer_id)
    return f"{known} {issuer_id}" if known else str(issuer_id)


def _moment(seconds: int | None) -> str | None:
    from verifier.outcome import time_words

    return None if seconds is None else time_words(seconds)
