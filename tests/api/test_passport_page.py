"""The page where a passport's id leads, and what it links to: in both languages, and with nothing that runs."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from small_world import PASSPHRASE, OpenService, SmallWorld, judged_at, small_direct, small_inventory
from starlette.testclient import TestClient

from passport.filing import file_passport
from passport.issuer import IssuedPassport
from passport.model.inventory import Inventory
from passport.model.role_map import ANNEX_XIII
from passport.workspace import Workspace

SHIRT: dict[str, Any] = {
    "1": {
        "manufacturer": {"name": "<script>alert(1)</script>", "address": "Weverstraat 1"},
        "materials": [{"name": "Cotton", "share": "100 %"}],
        "expectedLifetime": "50 cycles",
        "endOfLife": "https://loom.example/take-back",
        "manufacturingDate": "2026-10",
        "colour": "javascript:alert(2)",
    },
    "2": {"partNumbers": ["SECRET-11"]},
    "3": {},
    "4": {"condition": "refurbished", "conditionOn": "2026-11-01"},
}


@dataclass(frozen=True)
class Linked:
    """A passport of a shirt with contents, made of one that another company sold."""

    world: SmallWorld
    former: IssuedPassport
    shirt: IssuedPassport


def item(name: str, number: str, **fields: Any) -> Inventory:
    made = small_inventory(f"https://id.{name}.example/{number}", [small_direct("loom", "3")]).to_json()
    made["product"] |= {"granularity": "item", "itemNumber": number}
    return Inventory.model_validate({**made, "coveredQuantity": "1", **fields})


@pytest.fixture(scope="module")
def linked(world: SmallWorld, tmp_path_factory: pytest.TempPathFactory) -> Linked:
    folder = tmp_path_factory.mktemp("linked") / "world"
    shutil.copytree(world.folder, folder)
    copied = SmallWorld(folder, world.trust, world.foil, world.coating, world.cell)
    with (
        Workspace.open(copied.supplier, clock=judged_at) as supplier,
        Workspace.open(copied.maker, clock=judged_at) as maker,
    ):
        sells = supplier.issuer(PASSPHRASE, accept=lambda _: None)
        former = sells.issue(item("shirt", "1"))
        sells.anchor()
        supplier.publish()
        maker.receive(supplier.public)
        makes = maker.issuer(PASSPHRASE, accept=lambda _: None)
        contents = {"roleMap": ANNEX_XIII, "sets": SHIRT}
        wanted = item("again", "2", links={"former": [former.id]}, profile="product/1", contentSets=contents)
        shirt = makes.issue(wanted)
        makes.anchor()
        maker.publish()
    return Linked(copied, former, shirt)


@pytest.fixture
def service(linked: Linked, open_service: OpenService) -> TestClient:
    return open_service(linked.world.maker, trust=linked.world.trust_file, only_own=False)


def name_of(issued: IssuedPassport) -> str:
    return issued.id.rpartition("/")[2]


def text_of(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def test_the_page_shows_what_is_linked_to_with_the_digests_status(linked: Linked, service: TestClient) -> None:
    answer = service.get(f"/passports/{name_of(linked.shirt)}", headers={"accept": "text/html"})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert answer.headers["content-language"] == "en"
    assert "script" not in answer.headers["content-security-policy"]
    page = text_of(answer.text)
    assert "has verified no signature, no chain and no figure" in page
    assert f"a former life Shirt 箔, Supplier AG (VAT DESUPPLIER) {linked.former.id}" in page
    assert f"{linked.former.digest} at hand, and the digest matches" in page
    assert "3 kg CO2e per 1 kilogram" in page
    assert "Audit it now" in page


def test_the_page_in_chinese_by_address_or_browser(linked: Linked, service: TestClient) -> None:
    for answer in (
        service.get(f"/passports/{name_of(linked.shirt)}?lang=zh"),
        service.get(f"/passports/{name_of(linked.shirt)}", headers={"accept-language": "zh-CN,zh;q=0.9,en;q=0.8"}),
    ):
        assert answer.headers["content-language"] == "zh"
        assert '<html lang="zh">' in answer.text
        page = text_of(answer.text)
        assert "前一寿命" in page
        assert "已在手头，摘要相符" in page
        assert "依据规范 product/1：任意产品" in page
    unknown = service.get(f"/passports/{name_of(linked.shirt)}?lang=fr", headers={"accept-language": "de"})
    assert unknown.headers["content-language"] == "en"


def test_contents_are_those_that_everybody_may_see_and_text(linked: Linked, service: TestClient) -> None:
    html = service.get(f"/passports/{name_of(linked.shirt)}").text
    page = text_of(html)
    assert "by the profile product/1: Any product" in page
    assert "Expected lifetime" in page
    assert "50 cycles" in page
    assert "SECRET-11" not in html
    assert "refurbished" not in html
    assert "<script" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert 'href="javascript' not in html
    assert 'href="https://loom.example/take-back"' in html
    assert "not in the profile, judged by nobody" in page


def test_who_cannot_open_the_contents_shows_none(linked: Linked, open_service: OpenService) -> None:
    """The auditor has the passport and not what opens it."""
    with Workspace.open(linked.world.auditor, clock=judged_at) as auditor:
        auditor.receive(linked.world.maker / "public")
    service = open_service(linked.world.auditor, trust=linked.world.trust_file)
    page = text_of(service.get(f"/passports/{name_of(linked.shirt)}").text)
    assert "Nothing here opens its contents, or it has none." in page
    assert "at hand, and the digest matches" in page  # the publication carried it


def test_a_program_gets_the_signed_bytes(linked: Linked, service: TestClient) -> None:
    signed = (linked.world.maker / "public" / "passports" / f"{name_of(linked.shirt)}.signed.json").read_bytes()
    for accept in ("application/vc", "application/json"):
        answer = service.get(f"/passports/{name_of(linked.shirt)}", headers={"accept": accept})
        assert (answer.content, answer.headers["content-type"]) == (signed, accept)


def test_a_page_that_is_not_there_is_a_problem(service: TestClient) -> None:
    assert service.get("/passports/nobody").status_code == 404
    assert service.get("/passports/nobody").headers["content-type"] == "application/problem+json"


def test_links_as_json_and_in_the_audit(linked: Linked, service: TestClient) -> None:
    (link,) = service.get(f"/v1/passports/{linked.shirt.digest}/links").json()["links"]
    assert link == {
        "kind": "former",
        "id": linked.former.id,
        "digest": linked.former.digest,
        "held": "matches",
        "outcome": "unknown",
        "subject": "Shirt 箔",
        "issuer": "Supplier AG (VAT DESUPPLIER)",
        "standing": "unknown",
        "reason": None,
    }
    report = service.get(f"/v1/passports/{linked.shirt.digest}/audit").json()
    (told,) = report["nodes"][0]["links"]
    assert told == link | {"outcome": "passed", "standing": "current"}
    assert service.get(f"/v1/passports/{linked.former.digest}/links").json() == {"links": []}


def test_a_link_that_leads_to_another_document_is_said(
    linked: Linked, tmp_path: Path, open_service: OpenService
) -> None:
    """Whoever has not the linked passport says so; it is not taken for a match."""
    with Workspace.create(tmp_path / "stranger", clock=judged_at) as stranger:
        body = (linked.world.maker / "public" / "passports" / f"{name_of(linked.shirt)}.signed.json").read_bytes()
        assert file_passport(stranger.store, body)
    service = open_service(tmp_path / "stranger")
    (link,) = service.get(f"/v1/passports/{linked.shirt.digest}/links").json()["links"]
    assert (link["held"], link["subject"], link["reason"]) == ("not at hand", None, "not at hand")
    page = text_of(service.get(f"/passports/{linked.shirt.digest}").text)
    assert "not at hand: the digest was not compared" in page
