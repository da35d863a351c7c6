"""`passport who`: who is accountable for an account, a key or a passport, vouched for by whom, and since when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.exit_codes import ExitCode
from cli.judging import find_passport
from cli.names import ADDRESS, ISSUER_ID, MULTIKEY
from cli.session import Session, TrustOption, command
from passport.errors import NotFoundError

if TYPE_CHECKING:
    from passport.ledger import Address, IssuerId, RegistryView
    from passport.ledger.accountable import Accountable
    from passport.model.facts import PassportFacts
    from passport.workspace import Workspace
    from verifier.trust import Trust

EXAMPLES = """\
passport who 0x8ba1f109551bD432803012645Ac136ddd64DBA72     an account
passport who z6MkmGhzgUvkXWaUm2YhFSLFLX7trxeLqwMk7z9XgFkveozf   a credential key
passport who https://acme.example/passports/0b6e...         whoever answers for a passport
passport who ID --trust trust.json --json | jq '.accountable[].entity'
"""


@command()
def who(
    session: Session,
    name: Annotated[
        str,
        typer.Argument(
            help="An account (0x...), a credential key (z6Mk...), an entity's id, or a passport's id or digest.",
            metavar="ADDRESS|KEY|PASSPORT",
        ),
    ],
    *,
    trust: TrustOption = None,
) -> None:
    """The chain from key to legal entity to registrars to the root, as of the newest final block, with dates.

    Which roots count says the trust file; without one, the root of the workspace's own chain is taken, and said to be.
    """
    from passport.ledger import Address, RegistryView

    output = session.output
    with session.open() as workspace:
        roots, is_trusted = _roots(workspace, session.trust(trust))
        block = workspace.ledger.final_head()
        registry = RegistryView(workspace.ledger.state(block), Address(workspace.chain.registry))
        found = _ask(workspace, registry, name, roots, block.timestamp)
        names = _names(workspace)
        if not found:
            output.result(output.word("who.nobody", name=name))
        for each in found:
            _page(session, each, names)
        output.remark(output.word("who.as_of", block=block.number, time=f"{block.time:%Y-%m-%dT%H:%M:%SZ}"))
        if not is_trusted:
            output.remark(output.word("who.untrusted"))
        output.document(
            {
                "asked": name,
                "accountable": [_json(each, names) for each in found],
                "as_of": {"chain": workspace.chain.chain, "block": block.number, "time": block.timestamp},
                "roots": list(roots),
                "roots_from_trust_file": is_trusted,
            }
        )
    if not any(each.is_good for each in found):
        raise typer.Exit(ExitCode.REFUSED)
    if not is_trusted:
        raise typer.Exit(ExitCode.UNDECIDED)


def _roots(workspace: Workspace, trust: Trust | None) -> tuple[tuple[Address, ...], bool]:
    """The trusted roots of the workspace's chain, and whether a trust file names them."""
    from passport.ledger import Address

    chain = workspace.chain
    if trust is None:
        return (Address(chain.root),), False
    trusted = trust.chain_of(f"{chain.chain}:{chain.registry}", f"{chain.chain}:{chain.log}", chain.genesis)
    if trusted is None:
        raise NotFoundError(
            "the workspace's chain is not in the trust file",
            expected="; ".join(each.log_caip10() for each in trust.chains),
            found=f"{chain.chain}:{chain.log}",
        )
    return tuple(Address(root) for root in trusted.root_registrars), True


def _ask(
    workspace: Workspace, registry: RegistryView, name: str, roots: tuple[Address, ...], time: int
) -> list[Accountable]:
    from passport.credentials import key_hash
    from passport.ledger import Address, IssuerId
    from passport.ledger.accountable import accountable_for_account, accountable_for_entity, accountable_for_key
    from passport.ledger.chain_id import format_address

    if ADDRESS.match(name):
        account = Address(format_address(bytes.fromhex(name[2:])))
        found = accountable_for_account(registry, account, time=time, roots=roots)
        return [found] if found else []
    if ISSUER_ID.match(name):
        found = accountable_for_entity(registry, IssuerId(name), time=time, roots=roots)
        return [found] if found else []
    if MULTIKEY.match(name):
        return accountable_for_key(registry, key_hash(name), time=time, roots=roots)
    facts, multikeys = _passport(workspace, name)
    issuer_id = IssuerId(facts.place.issuer_id)
    listed = [
        each
        for multikey in multikeys
        for each in accountable_for_key(registry, key_hash(multikey), issuer_ids=[issuer_id], time=time, roots=roots)
    ]
    entity = accountable_for_entity(registry, issuer_id, time=time, roots=roots)
    return listed or ([entity] if entity else [])


def _passport(workspace: Workspace, name: str) -> tuple[PassportFacts, list[str]]:
    """A stored passport's facts, and the keys that DID documents at hand have under the method that signed it."""
    from passport.credentials import key_for, read_did_document, read_secured
    from passport.errors import PassportError
    from passport.model.digest import Digest
    from passport.model.facts import passport_facts
    from passport.store import DocumentKind
    from verifier.store_source import StoreSource

    digest = Digest(find_passport(workspace.store, name))
    secured = read_secured(workspace.store.get_document(DocumentKind.PASSPORT, digest), canonical=True)
    facts = passport_facts(secured.document, secured.doc_hash)
    multikeys: dict[str, None] = {}
    for body in StoreSource(workspace.store, None).did_documents(facts.issuer_did):
        try:
            document = read_did_document(body, did=facts.issuer_did)
            multikeys[key_for(document, secured.verification_method)] = None
        except PassportError:  # anybody may have written it
            continue
    return facts, list(multikeys)


def _names(workspace: Workspace) -> dict[str, str]:
    """What entities are called in the passports at hand; the registry itself holds hashes of identifiers."""
    from passport.store import DocumentKind

    names: dict[str, str] = {}
    party = workspace.settings.party
    if party is not None:
        names[workspace.issuer_id] = f"{party.name} ({party.scheme} {party.identifier})"
    for ref in workspace.store.find_documents(DocumentKind.PASSPORT):
        if ref.issuer_id and ref.issuer_id not in names:
            facts = _passport_facts(workspace, ref.digest)
            names[ref.issuer_id] = f"{facts.issuer_name} ({facts.scheme} {facts.identifier})"
    return names


def _passport_facts(workspace: Workspace, digest: Any) -> PassportFacts:
    from passport.credentials import read_secured
    from passport.model.facts import passport_facts
    from passport.store import DocumentKind

    secured = read_secured(workspace.store.get_document(DocumentKind.PASSPORT, digest), canonical=True)
    return passport_facts(secured.document, secured.doc_hash)


def _called(names: dict[str, str], issuer_id: IssuerId | str) -> str:
    known = names.get(issuer_id)
    return f"{known} {issuer_id}" if known else str(issuer_id)


def _moment(seconds: int | None) -> str | None:
    from verifier.outcome import time_words

    return None if seconds is None else time_words(seconds)


def _page(session: Session, found: Accountable, names: dict[str, str]) -> None:
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
    for judgement in (found.key, found.standing):
        if judgement is not None and not judgement.good:
            output.result(output.word("who.because", reason=judgement.reason))


def _json(found: Accountable, names: dict[str, str]) -> dict[str, Any]:
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
            "evidence_hash": "0x" + entity.evidence_hash.hex(),
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
