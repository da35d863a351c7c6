"""`passport who`: who is accountable for an account, a key or a passport, vouched for by whom, and since when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from cli.accountable_page import answer_document, names_of, show_answer
from cli.entities import annulled_registrations, entity_id, is_entity_name
from cli.entity_page import recovery_document
from cli.exit_codes import ExitCode
from cli.judging import find_passport
from cli.names import ADDRESS, ISSUER_ID, MULTIKEY
from cli.session import Session, TrustOption, command
from passport.errors import NotFoundError

if TYPE_CHECKING:
    from passport.ledger import Address, IssuerId, RegistryView
    from passport.ledger.accountable import Accountable
    from passport.workspace import Workspace
    from verifier.chain_facts import ChainFacts
    from verifier.passport_signer import PassportSigner
    from verifier.source import Source
    from verifier.trust import Trust, TrustedChain

EXAMPLES = """\
passport who 0x8ba1f109551bD432803012645Ac136ddd64DBA72     an account
passport who z6MkmGhzgUvkXWaUm2YhFSLFLX7trxeLqwMk7z9XgFkveozf   a credential key
passport who EUID:DEK1101R.HRB123456                        the registration that is in force
passport who https://acme.example/passports/0b6e...         whoever signed a passport
passport who ID --trust trust.json --json | jq '.accountable[].entity'
"""


MAX_OTHERS = 20


@dataclass(frozen=True, slots=True)
class _Answer:
    """Who answers, and of a passport how it was signed and anchored."""

    accountable: list[Accountable]
    signer: PassportSigner | None = None

    @property
    def code(self) -> ExitCode:
        """0: somebody answers; 1: nobody does; 3: it could not be decided."""
        from verifier.outcome import Outcome

        unanswered = self.signer.unanswered if self.signer else None
        if unanswered is not None:
            return ExitCode.REFUSED if unanswered.outcome is Outcome.FAILED else ExitCode.UNDECIDED
        return ExitCode.DONE if any(each.is_good for each in self.accountable) else ExitCode.REFUSED


@command()
def who(
    session: Session,
    name: Annotated[
        str,
        typer.Argument(
            help="An account (0x...), a credential key (z6Mk...), an entity's id or SCHEME:IDENTIFIER, or a passport's "
            "id or digest.",
            metavar="ADDRESS|KEY|ENTITY|PASSPORT",
        ),
    ],
    *,
    trust: TrustOption = None,
) -> None:
    """The chain from key to legal entity to registrars to the root, as of the newest final block, with dates.

    Of a passport its signature is verified, and its key judged at the time it was anchored. Which roots count says the
    trust file; without one, the root of the workspace's own chain is taken, and said to be.
    """
    from passport.ledger import Address
    from verifier.chain_facts import ChainFacts
    from verifier.store_source import StoreSource
    from verifier.trust import trust_in

    output = session.output
    with session.open() as workspace:
        given = session.trust(trust)
        counted = given or trust_in(workspace.chain)
        trusted = _trusted(workspace, counted)
        roots = tuple(Address(root) for root in trusted.root_registrars)
        block = workspace.ledger.final_head()
        source = StoreSource(workspace.store, workspace.ledger, block_number=block.number)
        chain = ChainFacts(trusted, workspace.ledger.state(block), source)
        answer = _ask(workspace, chain, source, counted, name, roots, block.timestamp)
        ids = {each.entity.issuer_id for each in answer.accountable} | {each.primary_id for each in answer.accountable}
        ids |= {step.registrar.issuer_id for each in answer.accountable for step in each.chain.steps}
        names = names_of(workspace, sorted(ids), source, counted, chain)
        recoveries = {
            str(each): [recovery_document(chain.registry, one) for one in chain.registry.recoveries(each)]
            for each in sorted(ids)
        }
        unanswered = answer.signer.unanswered if answer.signer else None
        if not answer.accountable:
            output.result(output.word("who.nobody", name=name))
        others = _same_id(workspace, answer.signer) if answer.signer else []
        if others:
            output.remark(output.word("who.several", digests=", ".join(others)), style="yellow")
        if unanswered is not None:
            output.result(output.word("who.unanswered", check=unanswered.id.value, reason=unanswered.reason))
        for each in answer.accountable:
            show_answer(session, each, names, recoveries)
        annulled = annulled_registrations(chain.registry, name) if is_entity_name(name) else ()
        for registration in annulled:
            output.remark(output.word("registry.annulled", issuer_id=registration.issuer_id))
        output.remark(output.word("who.as_of", block=block.number, time=f"{block.time:%Y-%m-%dT%H:%M:%SZ}"))
        if given is None:
            output.remark(output.word("who.untrusted"))
        output.document(
            {
                "asked": name,
                "accountable": [answer_document(each, names, recoveries) for each in answer.accountable],
                "passport": None if answer.signer is None else _signer_document(answer.signer),
                "same_id": others,
                "annulled": [{"issuer_id": each.issuer_id, "void_from": each.void_from} for each in annulled],
                "as_of": {"chain": workspace.chain.chain, "block": block.number, "time": block.timestamp},
                "roots": list(roots),
                "roots_from_trust_file": given is not None,
            }
        )
    if answer.code is not ExitCode.DONE:
        raise typer.Exit(answer.code)
    if given is None:
        raise typer.Exit(ExitCode.UNDECIDED)


def _trusted(workspace: Workspace, trust: Trust) -> TrustedChain:
    """The workspace's chain as it is trusted.

    Raises:
        NotFoundError: It is not in the trust file.
    """
    chain = workspace.chain
    trusted = trust.chain_of(f"{chain.chain}:{chain.registry}", f"{chain.chain}:{chain.log}", chain.genesis)
    if trusted is None:
        raise NotFoundError(
            "the workspace's chain is not in the trust file",
            expected="; ".join(each.log_caip10() for each in trust.chains),
            found=f"{chain.chain}:{chain.log}",
        )
    return trusted


def _ask(
    workspace: Workspace,
    chain: ChainFacts,
    source: Source,
    trust: Trust,
    name: str,
    roots: tuple[Address, ...],
    time: int,
) -> _Answer:
    from passport.credentials import key_hash
    from passport.ledger import IssuerId
    from passport.ledger.accountable import accountable_for_account, accountable_for_key
    from passport.ledger.chain_id import format_address

    registry = chain.registry
    if ADDRESS.match(name):
        account = format_address(bytes.fromhex(name[2:]))
        found = accountable_for_account(registry, account, time=time, roots=roots)
        return _Answer([found] if found else [])
    if ISSUER_ID.match(name):
        return _Answer(_entity(registry, IssuerId(name), time, roots))
    if MULTIKEY.match(name):
        return _Answer(accountable_for_key(registry, key_hash(name), time=time, roots=roots))
    if is_entity_name(name):
        return _Answer(_entity(registry, entity_id(registry, name), time, roots))
    signer = _signer(workspace, chain, source, trust, name)
    if signer.multikey is None or not _is_here(signer, chain):
        return _Answer([], signer)
    # At the time it was anchored: a key that was retired since signed it all the same.
    signed_at = signer.checkpoint.time if signer.checkpoint else time
    ids = [IssuerId(signer.facts.place.issuer_id)]
    keys = accountable_for_key(registry, key_hash(signer.multikey), issuer_ids=ids, time=signed_at, roots=roots)
    return _Answer(keys, signer)


def _entity(registry: RegistryView, issuer_id: IssuerId, time: int, roots: tuple[Address, ...]) -> list[Accountable]:
    from passport.ledger.accountable import accountable_for_entity

    found = accountable_for_entity(registry, issuer_id, time=time, roots=roots)
    return [found] if found else []


def _signer(workspace: Workspace, chain: ChainFacts, source: Source, trust: Trust, name: str) -> PassportSigner:
    """Who signed a stored passport."""
    from passport.model.digest import Digest
    from passport.store import DocumentKind
    from verifier.passport_signer import signer_of_passport

    digest = Digest(find_passport(workspace.store, name))
    body = workspace.store.get_document(DocumentKind.PASSPORT, digest)
    signer = signer_of_passport(body, source, trust, chain)
    # Another chain's registry is not this one's, however much the ids are alike.
    return signer if _is_here(signer, chain) else signer_of_passport(body, source, trust, None)


def _same_id(workspace: Workspace, signer: PassportSigner) -> list[str]:
    """Digests of other passports that are filed under the same id: anybody may have written one."""
    from passport.store import DocumentKind

    found = workspace.store.find_documents(DocumentKind.PASSPORT, document_id=signer.facts.id)
    return [str(ref.digest) for ref in found if ref.digest != signer.facts.digest][:MAX_OTHERS]


def _is_here(signer: PassportSigner, chain: ChainFacts) -> bool:
    """Whether the passport names the registry and log that are asked."""
    place, trusted = signer.facts.place, chain.chain
    named = (place.registry, place.log, place.genesis)
    return named == (trusted.registry_caip10(), trusted.log_caip10(), trusted.genesis)


def _signer_document(signer: PassportSigner) -> dict[str, object]:
    return {
        "id": signer.facts.id,
        "digest": signer.facts.digest,
        "issuer_id": signer.facts.place.issuer_id,
        "key": signer.multikey,
        "anchored_at": signer.checkpoint.time if signer.checkpoint else None,
        "checks": [row.to_json() for row in (signer.signature, signer.inclusion, signer.identity)],
    }
