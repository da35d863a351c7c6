"""`/v1/passports` and DID documents: bytes as they are, found by every name, and nothing shown that is withheld."""

from __future__ import annotations

import json
from urllib.parse import quote, unquote

import pytest
from small_world import COATING, JUDGED_AT, OpenService, SmallWorld, judged_at
from starlette.testclient import TestClient

from api.judging import report_text
from passport.credentials import read_secured
from passport.issuer import IssuedPassport
from passport.model.digest import Digest, digest_of
from passport.store import DocumentKind
from passport.workspace import Workspace
from verifier.store_source import StoreSource
from verifier.verifier import Verifier


def listed(service: TestClient, query: str = "") -> list[str]:
    return [item["id"] for item in service.get(f"/v1/passports{query}").json()["items"]]


def names_of(passport: IssuedPassport) -> dict[str, str]:
    return {
        "last part": passport.id.rsplit("/", 1)[1],
        "whole id, encoded": quote(passport.id, safe=""),
        "whole id, as it is": passport.id,
        "digest": passport.digest,
    }


def refused(answer: object, status: int, name: str) -> dict[str, object]:
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), answer.text  # type: ignore[attr-defined]
    problem: dict[str, object] = answer.json()  # type: ignore[attr-defined]
    assert problem["type"] == f"/problems/{name}"
    return problem


@pytest.mark.parametrize("kind", ["last part", "whole id, encoded", "whole id, as it is", "digest"])
def test_a_passport_is_found_by_each_of_its_names(client: TestClient, world: SmallWorld, kind: str) -> None:
    answer = client.get(f"/v1/passports/{names_of(world.foil)[kind]}")
    assert answer.status_code == 200
    assert answer.content == world.signed(world.foil)
    assert answer.headers["content-type"] == "application/vc"
    assert answer.headers["etag"] == f'"{world.foil.digest}"'


def test_the_same_bytes_come_as_json_to_who_asks_for_it(client: TestClient, world: SmallWorld) -> None:
    answer = client.get(f"/v1/passports/{world.foil.digest}", headers={"accept": "application/json"})
    assert (answer.headers["content-type"], answer.headers["vary"]) == ("application/json", "Accept")
    assert answer.content == world.signed(world.foil)


def test_the_credential_is_what_the_digest_is_of(client: TestClient, world: SmallWorld) -> None:
    answer = client.get(f"/v1/passports/{world.foil.digest}?form=credential")
    assert digest_of(answer.content) == world.foil.digest
    assert answer.content == read_secured(world.signed(world.foil), canonical=True).unsecured


def test_who_has_the_document_is_not_sent_it_again(client: TestClient, world: SmallWorld) -> None:
    url = f"/v1/passports/{world.foil.digest}"
    tag = client.get(url).headers["etag"]
    for given in (tag, f'"other", W/{tag}', "*"):
        answer = client.get(url, headers={"if-none-match": given})
        assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", tag)
    assert client.get(url, headers={"if-none-match": '"other"'}).status_code == 200


def test_head_is_get_without_the_body(client: TestClient, world: SmallWorld) -> None:
    url = f"/v1/passports/{world.foil.digest}"
    answer = client.head(url)
    assert (answer.status_code, answer.content) == (200, b"")
    assert int(answer.headers["content-length"]) == len(client.get(url).content)
    assert answer.headers["etag"] == f'"{world.foil.digest}"'
    assert client.head("/v1/verify").status_code == 405


def test_a_statement_comes_as_the_bytes_that_the_passport_pins(client: TestClient, world: SmallWorld) -> None:
    answer = client.get(f"/v1/passports/{quote(world.foil.id, safe='')}/statement")
    assert digest_of(answer.content) == world.foil.statement_digest
    assert answer.headers["etag"] == f'"{world.foil.statement_digest}"'
    assert json.loads(answer.content)["extensions"][0]["data"]["passportId"] == world.foil.id


def test_a_withheld_statement_is_not_shown_by_who_has_it_nor_by_who_has_not(
    world: SmallWorld, client: TestClient, open_service: OpenService
) -> None:
    url = f"/v1/passports/{world.coating.digest}/statement"
    supplier = open_service(world.supplier, trust=world.trust_file)
    withheld = refused(supplier.get(url), 404, "statement-withheld")
    assert withheld["detail"] == "the issuer keeps the statement to itself"
    elsewhere = refused(client.get(url), 404, "statement-not-held")
    assert elsewhere["expected"] == world.coating.statement_digest


def test_an_audit_tells_nothing_of_a_withheld_statement(world: SmallWorld, open_service: OpenService) -> None:
    supplier = open_service(world.supplier, trust=world.trust_file)
    report = supplier.get(f"/v1/passports/{world.coating.digest}/audit").json()
    arithmetic = next(row for row in report["nodes"][0]["checks"] if row["id"] == "arithmetic")
    assert (arithmetic["outcome"], report["coverage"]["withheld"]) == ("unknown", 1.0)
    posted = supplier.post("/v1/verify", content=world.signed(world.coating)).json()
    assert posted == report
    with Workspace.open(world.supplier, clock=judged_at) as workspace:  # its owner can re-do it
        source = StoreSource(workspace.store, workspace.ledger)
        own = Verifier(source, trust=world.trust, clock=judged_at).audit(world.coating.digest)
    assert own.coverage.recomputed == 1.0


def test_what_is_withheld_while_the_service_runs_is_withheld(own_world: SmallWorld, open_service: OpenService) -> None:
    supplier = open_service(own_world.supplier, trust=own_world.trust_file)
    url = f"/v1/passports/{own_world.foil.digest}/statement"
    assert supplier.get(url).status_code == 200
    with Workspace.open(own_world.supplier, clock=judged_at) as workspace:
        workspace.withhold((own_world.foil.id,))
    refused(supplier.get(url), 404, "statement-withheld")


def test_an_audit_is_the_one_that_the_library_makes(client: TestClient, world: SmallWorld) -> None:
    answer = client.get(f"/v1/passports/{names_of(world.cell)['last part']}/audit")
    with Workspace.open(world.auditor, clock=judged_at) as auditor:
        source = StoreSource(auditor.store, auditor.ledger)
        report = Verifier(source, trust=world.trust, clock=judged_at).audit(world.cell.digest)
    assert answer.content == report_text(report)
    assert answer.json()["as_of"]["at"] == JUDGED_AT.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert (answer.json()["verdict"], len(answer.json()["nodes"])) == ("passed", 3)
    strict = client.get(f"/v1/passports/{world.cell.digest}/audit?strict=true").json()
    assert strict["verdict"] == "undecided"


def test_an_audit_needs_its_chain(own_world: SmallWorld, open_service: OpenService) -> None:
    own_world.chain_file.unlink()
    service = open_service(own_world.auditor, trust=own_world.trust_file)
    answer = service.get(f"/v1/passports/{own_world.cell.digest}/audit")
    assert refused(answer, 503, "ledger-unavailable")["detail"] == "there is no chain file"
    assert answer.headers["retry-after"] == "10"
    assert service.get(f"/v1/passports/{own_world.cell.digest}").status_code == 200


def test_pages_hold_every_passport_once(client: TestClient, world: SmallWorld) -> None:
    everything = listed(client)
    assert sorted(everything) == sorted([world.foil.id, world.coating.id, world.cell.id])
    seen: list[str] = []
    url: str | None = "/v1/passports?limit=2"
    pages = 0
    while url:
        answer = client.get(url)
        seen += [item["id"] for item in answer.json()["items"]]
        pages += 1
        cursor = answer.json()["next"]
        url = f"/v1/passports?limit=2&after={cursor}" if cursor else None
        assert answer.headers.get("link") == (f'<{url}>; rel="next"' if url else None)
    assert (seen, pages) == (everything, 2)


def test_the_address_in_a_list_leads_to_the_passport(client: TestClient, world: SmallWorld) -> None:
    item = next(item for item in client.get("/v1/passports").json()["items"] if item["id"] == world.cell.id)
    assert (item["digest"], item["own"], item["subject_id"]) == (world.cell.digest, False, "https://id.cell.example/1")
    assert client.get(item["url"]).content == world.signed(world.cell)


def test_a_company_shows_its_own_passports_and_not_its_suppliers(world: SmallWorld, open_service: OpenService) -> None:
    maker = open_service(world.maker, trust=world.trust_file)
    assert listed(maker) == [world.cell.id]
    for name in names_of(world.foil).values():
        assert refused(maker.get(f"/v1/passports/{name}"), 404, "not-found")["found"] == unquote(name)
    assert refused(maker.get("/v1/dids/did:web:supplier.example"), 404, "not-found")
    open_maker = open_service(world.maker, trust=world.trust_file, only_own=False)
    assert len(listed(open_maker)) == 3


@pytest.mark.parametrize(
    ("query", "where"),
    [("limit=0", "query.limit"), ("limit=201", "query.limit"), ("limit=x", "query.limit"), ("after=x", "query.after")],
)
def test_a_page_has_bounds(client: TestClient, query: str, where: str) -> None:
    assert refused(client.get(f"/v1/passports?{query}"), 422, "invalid-request")["where"] == where


def test_two_documents_under_one_id_are_not_chosen_between(own_world: SmallWorld, open_service: OpenService) -> None:
    other = digest_of(b"another document")
    with Workspace.open(own_world.auditor, clock=judged_at) as auditor:
        body = auditor.store.get_document(DocumentKind.PASSPORT, Digest(own_world.foil.digest))
        auditor.store.put_document(DocumentKind.PASSPORT, other, body, document_id=own_world.foil.id)
    service = open_service(own_world.auditor, trust=own_world.trust_file)
    problem = refused(service.get(f"/v1/passports/{names_of(own_world.foil)['last part']}"), 409, "conflict")
    assert problem["found"] == f"{own_world.foil.digest}, {other}"
    assert service.get(f"/v1/passports/{own_world.foil.digest}").status_code == 200


def test_a_strangers_document_under_our_id_is_not_before_ours(own_world: SmallWorld, open_service: OpenService) -> None:
    """It may have come with anybody's publication, and the code on our goods leads to ours all the same."""
    with Workspace.open(own_world.supplier, clock=judged_at) as supplier:
        body = supplier.store.get_document(DocumentKind.PASSPORT, Digest(own_world.foil.digest))
        supplier.store.put_document(
            DocumentKind.PASSPORT, digest_of(b"another document"), body, document_id=own_world.foil.id
        )
    service = open_service(own_world.supplier, trust=own_world.trust_file, only_own=False)
    answer = service.get(f"/v1/passports/{names_of(own_world.foil)['last part']}")
    assert (answer.status_code, answer.content) == (200, body)


@pytest.mark.parametrize("name", ["nothing", "a/b", "urn:uuid:0", "x" * 1500, "%00", "uEi", "..%2f..%2fworkspace.json"])
def test_unknown_names_are_not_found(client: TestClient, name: str) -> None:
    for tail in ("", "/audit", "/statement"):
        refused(client.get(f"/v1/passports/{name}{tail}"), 404, "not-found")


def test_did_documents_are_served_as_stored(world: SmallWorld, client: TestClient, open_service: OpenService) -> None:
    published = (world.supplier / "public" / "did.json").read_bytes()
    answer = client.get("/v1/dids/did:web:supplier.example")
    assert (answer.content, answer.headers["content-type"]) == (published, "application/did+json")
    supplier = open_service(world.supplier, trust=world.trust_file)
    assert supplier.get("/.well-known/did.json").content == published
    assert refused(client.get("/.well-known/did.json"), 404, "not-found")["detail"] == (
        "no legal entity stands behind this service, so it has no DID"
    )
    refused(client.get("/v1/dids/did:web:nobody.example"), 404, "not-found")


def test_the_products_id_is_no_passports_id(client: TestClient) -> None:
    refused(client.get(f"/v1/passports/{quote(COATING, safe='')}"), 404, "not-found")
