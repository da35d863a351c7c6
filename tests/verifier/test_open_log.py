"""Opening a whole log: documents by their hash, void leaves by their nonce, and everything that must not count."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
from forge import commit, draft_of
from verifier_world import NOW, PADDING, TOP, Company, World, signer_of

from passport.credentials import jcs, parse_canonical
from passport.errors import SchemaError
from passport.ledger.merkle import void_entry
from passport.model.digest import to_sha256
from passport.store import Store
from verifier.chain_facts import ChainFacts
from verifier.open_log import LeafKind, LogReport, open_log, read_void_nonces, write_void_nonces
from verifier.outcome import Outcome
from verifier.report import Verdict


def void_nonces(world: World, company: Company) -> dict[int, bytes]:
    with Store.open(world.folder / f"{company.key}.db", clock=lambda: NOW) as store:
        return store.void_nonces(company.log_key)


def documents(world: World, company: Company) -> dict[str, bytes]:
    """What the issuer has published, signed."""
    return {
        f"{digest}.json": body
        for digest, body in world.source.passports.items()
        if world.source.names[digest][1] == company.issuer_id
    }


def opened(
    world: World,
    company: Company,
    *,
    files: Mapping[str, bytes] | None = None,
    nonces: Mapping[int, bytes] | None = None,
    entries: list[bytes] | None = None,
    has_chain: bool = True,
) -> LogReport:
    source = world.source
    state = world.chain.state()
    return open_log(
        company.log_key,
        company.place.leaf(0),
        source.logs[company.log_key].entries if entries is None else entries,
        documents=(documents(world, company) if files is None else files).items(),
        void_nonces=void_nonces(world, company) if nonces is None else nonces,
        source=source,
        chain=ChainFacts(world.trusted, state, source) if has_chain else None,
    )


def kinds(report: LogReport) -> list[str]:
    return [str(leaf.kind) for leaf in report.leaves]


def test_everything_is_opened(own_world: World) -> None:
    """One passport and padding up to a multiple of four."""
    company = own_world.company_of(TOP)
    report = opened(own_world, company)
    assert report.verdict is Verdict.PASSED
    assert report.counts == {"document": 1, "void": PADDING - 1, "withheld": 0, "contradicted": 0}
    assert report.consistency.outcome is Outcome.PASSED
    assert report.leaves[0].names == (own_world.source.names[own_world.top][0],)
    document = report.to_json()
    assert (document["verdict"], document["size"]) == ("passed", PADDING)
    assert [leaf["kind"] for leaf in document["leaves"]] == ["document"]


def test_documents_without_their_proof_open_too(own_world: World) -> None:
    """A pin's bytes are the credential without its proof: the same hash."""
    company = own_world.company_of(TOP)
    bare = {}
    for name, body in documents(own_world, company).items():
        document = parse_canonical(body)
        del document["proof"]
        bare[name] = jcs(document)
    assert opened(own_world, company, files=bare).verdict is Verdict.PASSED


def test_what_is_not_handed_out_is_withheld(own_world: World) -> None:
    company = own_world.company_of(TOP)
    without_nonces = opened(own_world, company, nonces={})
    assert without_nonces.verdict is Verdict.UNDECIDED
    assert kinds(without_nonces) == ["document", "withheld", "withheld", "withheld"]
    without_documents = opened(own_world, company, files={})
    assert without_documents.verdict is Verdict.UNDECIDED
    assert kinds(without_documents) == ["withheld", "void", "void", "void"]


def test_a_nonce_opens_its_own_leaf_alone(own_world: World) -> None:
    company = own_world.company_of(TOP)
    right = void_nonces(own_world, company)
    report = opened(own_world, company, nonces={**right, 2: right[1], 3: b"short", 0: right[1]})
    assert kinds(report) == ["document", "void", "withheld", "withheld"]
    assert report.leaves[2].reason == "the nonce that was handed out does not open it"
    assert "not the nonce of a void leaf" in str(report.leaves[3].reason)
    assert report.verdict is Verdict.UNDECIDED


def test_two_passports_signed_for_one_leaf(own_world: World) -> None:
    """One was anchored; the other, signed by the issuer's bound key, was made to be shown to somebody."""
    company = own_world.company_of(TOP)
    draft = draft_of(own_world, TOP)
    digest, body = draft.seal(0)
    report = opened(own_world, company, files={**documents(own_world, company), "other.json": body})
    assert report.verdict is Verdict.FAILED
    assert report.leaves[0].kind is LeafKind.CONTRADICTED
    assert report.leaves[0].reason == f"the issuer signed {digest} for this leaf, which is not in the log"
    assert opened(own_world, company, files={"other.json": body}).verdict is Verdict.FAILED


@pytest.mark.parametrize("is_first", [True, False])
def test_a_false_copy_does_not_hide_a_contradiction(own_world: World, is_first: bool) -> None:
    """Whoever wants the second passport to go unseen adds it once more, under a longer proof that is nobody's."""
    company = own_world.company_of(TOP)
    _, true = draft_of(own_world, TOP).seal(0)
    document = parse_canonical(true)
    document["proof"]["nonce"] = "x" * 1000
    copies = {"false.json": jcs(document), "true.json": true}
    if not is_first:
        copies = dict(reversed(copies.items()))
    report = opened(own_world, company, files={**documents(own_world, company), **copies})
    assert report.leaves[0].kind is LeafKind.CONTRADICTED


def test_a_signed_passport_for_a_void_leaf(own_world: World) -> None:
    """A passport that names a leaf which the issuer says is void was never anchored."""
    company = own_world.company_of(TOP)
    _, body = draft_of(own_world, TOP).seal(1)
    report = opened(own_world, company, files={**documents(own_world, company), "other.json": body})
    assert kinds(report) == ["document", "contradicted", "void", "void"]


def test_a_stranger_contradicts_nobody(own_world: World) -> None:
    """A document in the issuer's name, signed by another key, by none, or judged without the registry."""
    company = own_world.company_of(TOP)
    draft = draft_of(own_world, TOP)
    draft.signer = signer_of("stranger", company.signer.verification_method)
    _, forged = draft.seal(0)
    honest = documents(own_world, company)
    assert opened(own_world, company, files={**honest, "forged.json": forged}).verdict is Verdict.PASSED
    document = parse_canonical(forged)
    del document["proof"]
    assert opened(own_world, company, files={**honest, "forged.json": jcs(document)}).verdict is Verdict.PASSED
    _, signed = draft_of(own_world, TOP).seal(0)
    without_chain = opened(own_world, company, files={**honest, "other.json": signed}, has_chain=False)
    assert without_chain.verdict is Verdict.UNDECIDED
    assert without_chain.leaves[0].kind is LeafKind.DOCUMENT
    alone = opened(own_world, company, files={"forged.json": forged})
    assert alone.leaves[0].kind is LeafKind.WITHHELD
    assert "nothing shows that the issuer signed it" in str(alone.leaves[0].reason)


def test_one_document_at_two_leaves(own_world: World) -> None:
    company = own_world.company_of(TOP)
    commit(own_world, company, own_world.source.logs[company.log_key], [to_sha256(own_world.top)])
    report = opened(own_world, company)
    assert report.leaves[PADDING].kind is LeafKind.CONTRADICTED
    assert str(report.leaves[PADDING].reason).startswith("holds a document that names leaf 0 of")
    assert report.verdict is Verdict.FAILED


def test_a_document_of_another_log_at_a_leaf(own_world: World) -> None:
    """Another company's passport, anchored as one's own."""
    company, other = own_world.company_of(TOP), own_world.issued["metal"].digest
    commit(own_world, company, own_world.source.logs[company.log_key], [to_sha256(other)])
    files = {**documents(own_world, company), "metal.json": own_world.source.passports[other]}
    report = opened(own_world, company, files=files)
    assert report.leaves[PADDING].kind is LeafKind.CONTRADICTED
    assert own_world.company_of("metal").issuer_id in str(report.leaves[PADDING].reason)


def test_files_that_are_nothing_of_this_log(own_world: World) -> None:
    company = own_world.company_of(TOP)
    metal = own_world.source.passports[own_world.issued["metal"].digest]
    strange = {"metal.json": metal, "list.json": b"[]", "text.json": b"not JSON", "empty.json": b"{}"}
    report = opened(own_world, company, files={**documents(own_world, company), **strange})
    assert report.verdict is Verdict.PASSED
    assert {name for name, _ in report.unread} == set(strange)
    assert dict(report.unread)["metal.json"] == "a document of another log"


def test_a_document_beyond_the_log_waits(own_world: World) -> None:
    company = own_world.company_of(TOP)
    draft = draft_of(own_world, TOP)
    _, body = draft.seal(PADDING + 3)
    report = opened(own_world, company, files={**documents(own_world, company), "next.json": body})
    assert report.verdict is Verdict.PASSED
    assert report.pending == (draft.credential["id"],)


def test_the_chain_says_which_log_it_is(own_world: World) -> None:
    """Opened leaves of a log that nobody anchored, of a part, and of another one show nothing."""
    company = own_world.company_of(TOP)
    log = own_world.source.logs[company.log_key]
    without = opened(own_world, company, has_chain=False)
    assert (without.verdict, without.consistency.outcome) == (Verdict.UNDECIDED, Outcome.UNKNOWN)
    part = opened(own_world, company, entries=log.entries[:2])
    assert kinds(part) == ["document", "void", "withheld", "withheld"]
    assert part.leaves[3].reason == "the chain counts this leaf, and its entry is not at hand"
    assert (part.consistency.expected, part.consistency.found) == (str(PADDING), "2")
    nonces = void_nonces(own_world, company)
    other = opened(own_world, company, entries=[*log.entries[:3], log.entries[1]], nonces={**nonces, 3: nonces[1]})
    assert kinds(other) == ["document", "void", "void", "void"]
    assert other.consistency.reason == "the entries at hand are not those of the log on the chain"
    assert other.verdict is Verdict.UNDECIDED
    more = opened(own_world, company, entries=[*log.entries, bytes(32)])
    assert (more.consistency.outcome, more.verdict) == (Outcome.PASSED, Verdict.UNDECIDED)


def test_a_gap_in_the_history_is_not_passed(own_world: World) -> None:
    company = own_world.company_of(TOP)
    log = own_world.source.logs[company.log_key]
    commit(own_world, company, log, [b"\x01" * 32])
    assert opened(own_world, company).consistency.outcome is Outcome.PASSED
    del log.checkpoints[0]
    assert opened(own_world, company).consistency.outcome is Outcome.UNKNOWN


def test_an_issuer_without_a_log(own_world: World) -> None:
    company = own_world.new_entity("newcomer", "999999977")
    own_world.source.logs[company.log_key] = own_world.source.logs[own_world.company_of(TOP).log_key]
    report = opened(own_world, company, files={}, nonces={})
    assert report.consistency.reason == "the chain knows no log of this issuer"
    assert report.verdict is Verdict.FAILED
    assert opened(own_world, company, files={}, nonces={}, entries=[]).verdict is Verdict.UNDECIDED


def test_contradicted_beats_everything() -> None:
    """The order of verdicts, whatever else stands in a report."""
    from verifier.open_log import Leaf
    from verifier.outcome import CheckId, passed, unknown

    report = LogReport("log", (Leaf(0, LeafKind.DOCUMENT), Leaf(1, LeafKind.CONTRADICTED)), passed(CheckId.CONSISTENCY))
    assert report.verdict is Verdict.FAILED
    report = replace(report, consistency=unknown(CheckId.CONSISTENCY, "no chain"))
    assert report.verdict is Verdict.FAILED
    assert replace(report, leaves=report.leaves[:1]).verdict is Verdict.UNDECIDED


def test_the_file_of_nonces() -> None:
    log = "eip155:1:0x52908400098527886E0F7030069857D2E4169EE7#0x" + "ab" * 32
    nonces = {0: bytes(16), 4_000: b"\x01" * 16}
    data = write_void_nonces(log, nonces)
    assert read_void_nonces(data, log) == nonces
    assert read_void_nonces(data, log.replace("ab", "cd")) is None
    assert read_void_nonces(b'{"format":"other"}', log) is None
    assert read_void_nonces(b"[]", log) is None
    for wrong in (data.replace(b'"4000"', b'"04000"'), data.replace(b"0101", b"01"), data.replace(b'"log"', b'"Log"')):
        with pytest.raises(SchemaError, match=r"pattern|required|permitted|match"):
            read_void_nonces(wrong, log)


def promising(world: World, batch: int, voids: int) -> tuple[Company, dict[str, bytes], dict[int, bytes]]:
    """The top passport once more, in a checkpoint with void leaves, with a ceiling for so many passports at least."""
    company = world.company_of(TOP)
    draft = draft_of(world, TOP)
    draft.stated["ledgerCeiling"] = {"amount": "1", "minimumBatch": batch}
    nonces = [bytes([number]) * 16 for number in range(voids)]
    forged = draft.publish(beside=[void_entry(nonce) for nonce in nonces])
    known = void_nonces(world, company)
    opened_here = {forged.index + 1 + number: nonce for number, nonce in enumerate(nonces)}
    return company, {**documents(world, company), "promising.json": forged.body}, {**known, **opened_here}


def test_a_batch_that_the_log_disproves(own_world: World) -> None:
    """Four leaves, of which three are void: four passports do not share them, and one does."""
    company, files, nonces = promising(own_world, 4, 3)
    report = opened(own_world, company, files=files, nonces=nonces)
    assert report.verdict is Verdict.FAILED
    (leaf,) = [each for each in report.leaves if each.kind is LeafKind.CONTRADICTED]
    assert "promises that 4 passports or more share its checkpoint" in str(leaf.reason)
    assert "of whose 4 leaves at most 1 can be passports" in str(leaf.reason)
    # As long as the void leaves are not opened nobody can tell, and without the chain nobody knows the checkpoints.
    hidden = opened(own_world, company, files=files, nonces={})
    assert hidden.counts["contradicted"] == 0
    assert opened(own_world, company, files=files, nonces=nonces, has_chain=False).counts["contradicted"] == 0


def test_a_batch_that_holds(own_world: World) -> None:
    company, files, nonces = promising(own_world, 1, 3)
    assert opened(own_world, company, files=files, nonces=nonces).verdict is Verdict.PASSED
