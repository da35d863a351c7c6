"""`passport deliver` and `passport import delivery`: from the supplier's gate to the auditor's verdict."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import yaml
from cli_runs import Done, Passport

from passport import Sandbox, read_inventory
from passport.credentials.passphrases import Passphrase
from verifier import trust_in

EXAMPLES = Path(__file__).resolve().parent.parent.parent / "docs" / "example"
MILL, BAKERY = "mill.example", "bakery.example"


@dataclass
class Trade:
    """A mill with flour, a bakery that wants to issue bread, and an auditor, each with a workspace."""

    folder: Path
    passport: Passport
    flour: str
    buyer: tuple[str, ...]

    @property
    def delivery(self) -> Path:
        return self.folder / "delivery.json"

    @property
    def trust(self) -> tuple[str, str]:
        return "--trust", str(self.folder / "trust.json")

    def at(self, name: str) -> tuple[str, ...]:
        return "--workspace", str(self.folder / name), "--passphrase", f"file:{self.folder / 'phrase'}"

    def deliver(self, *options: object) -> Done:
        quantity = () if "--quantity" in options else ("--quantity", "650", "--unit", "tonne")
        output = ("-o", self.delivery, "--json")
        return self.passport("deliver", self.flour, *self.at(MILL), *self.buyer, *quantity, *options, *output)

    def take_in(self) -> Done:
        return self.passport("import", "delivery", self.delivery, "--workspace", self.folder / BAKERY, "--json")

    def issue(self, delivery: str | None) -> Done:
        """Issue the bread: 520 g of flour a loaf, 1,200,000 loaves, so 624 t."""
        document = yaml.safe_load((EXAMPLES / "bread.yaml").read_text("utf-8"))
        next(entry for entry in document["inputs"] if entry["kind"] == "passport")["delivery"] = delivery
        path = self.folder / "bread.yaml"
        path.write_text(yaml.safe_dump(document), "utf-8")
        return self.passport("issue", path, *self.at(BAKERY), *self.trust, "--json")


@pytest.fixture
def trade(tmp_path: Path, passport: Passport, now: datetime) -> Trade:
    with Sandbox.create(tmp_path, clock=lambda: now) as sandbox:
        mill = sandbox.company("Mill Oy", host=MILL, country="FI")
        bakery = sandbox.company("Bakery GmbH", host=BAKERY, country="DE")
        sandbox.auditor()
        issuer = mill.issuer(sandbox.passphrase, accept=lambda _: None)
        flour = issuer.issue(read_inventory(EXAMPLES / "flour.yaml").inventory)
        issuer.anchor()
        mill.publish()
        bakery.receive(mill.public)
        (tmp_path / "trust.json").write_text(json.dumps(trust_in(sandbox.chain).to_json()), "utf-8")
        _write(tmp_path / "phrase", sandbox.passphrase)
        to = (
            *("--to", f"{bakery.party.scheme}:{bakery.party.identifier}", "--to-did", f"did:web:{BAKERY}"),
            *("--to-name", bakery.party.name, "--to-country", bakery.party.country),
            *("--site", "https://bakery.example/gates/1", "--consignment", "urn:example:consignment:1"),
        )
    return Trade(tmp_path, passport, flour.id, to)


def _write(path: Path, passphrase: Passphrase) -> None:
    path.write_bytes(passphrase.read("the tests"))
    path.chmod(0o600)


@pytest.mark.parametrize("envelope", [(), ("--jwt",)])
def test_a_delivery_from_the_gate_to_the_verdict(trade: Trade, envelope: tuple[str, ...]) -> None:
    """Signed, taken in, stated, published, bundled; the audit out of the bundle says passed."""
    signed = trade.deliver(*envelope)
    assert signed.code == 0, signed.err
    assert trade.delivery.read_bytes()[:1] == (b"e" if envelope else b"{")
    digest = signed.json["digest"]
    taken = trade.take_in()
    assert taken.code == 0, taken.err
    (entry,) = taken.json["deliveries"]
    assert (entry["digest"], entry["supplier"], entry["new"]) == (digest, f"did:web:{MILL}", True)
    assert (entry["moved"][0]["amount"], entry["moved"][0]["unit"]) == ("650", "tonne")
    assert trade.take_in().json["deliveries"][0]["new"] is False
    issued = trade.issue(digest)
    assert issued.code == 0, issued.err
    (bread,) = issued.json["passports"]
    for command in (("anchor", *trade.at(BAKERY), "--yes"), ("publish", "--workspace", trade.folder / BAKERY)):
        done = trade.passport(*command)
        assert done.code == 0, done.err
    for company in (MILL, BAKERY):
        done = trade.passport("import", trade.folder / company / "public", "--workspace", trade.folder / "auditor")
        assert (done.code, "refused" in done.err) == (0, False), done.err
    bundle = trade.folder / "bread.bundle"
    audit = ("audit", bread["id"], "--workspace", trade.folder / "auditor", *trade.trust, "--json")
    report = trade.passport(*audit).json
    assert (report["verdict"], _custody(report)["outcome"]) == ("passed", "passed")
    made = trade.passport("bundle", bread["id"], "-o", bundle, *audit[2:])
    assert made.code == 0, made.err
    trust = trade.folder / "with-block.json"
    done = trade.passport("trust", "-o", trust, "--workspace", trade.folder / "auditor")
    assert done.code == 0, done.err
    offline = trade.passport("audit", bundle, "--trust", trust, "--json").json
    assert (offline["verdict"], _custody(offline)["outcome"]) == ("passed", "passed")


def _custody(report: dict[str, object]) -> dict[str, object]:
    nodes = report["nodes"]
    assert isinstance(nodes, list)
    found: dict[str, object] = next(check for check in nodes[0]["checks"] if check["id"] == "custody")
    return found


def test_what_does_not_fit_is_not_issued(trade: Trade) -> None:
    """Not at hand; to somebody else. Too little is for the audit that comes before it is built on."""
    other = "uEiApxUlDsVJrW6mFj_G4V2hlpwEE-bO_Zsz_RXG95LvUJg"
    refused = trade.issue(other)
    assert refused.code == 1
    assert "input flour: the delivery is not in the store" in refused.err + refused.out
    signed = trade.deliver("--to-did", "did:web:other.example")
    assert signed.code == 0, signed.err
    assert trade.take_in().code == 0
    refused = trade.issue(signed.json["digest"])
    assert refused.code == 1
    assert "the delivery: another buyer" in refused.err + refused.out


def test_a_delivery_that_was_changed_is_not_taken_in(trade: Trade) -> None:
    assert trade.deliver().code == 0
    changed = trade.delivery.read_bytes().replace(b'"amount":"650"', b'"amount":"950"')
    trade.delivery.write_bytes(changed)
    done = trade.take_in()
    assert done.code == 1
    assert "the signature does not hold" in done.err + done.out


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (("--to", "LEI"), "not a legal entity"),
        (("--to-country", "Germany"), "not a legal entity"),
        (("--quantity", "1.50", "--unit", "tonne"), "amount"),
        (("--quantity", "1", "--unit", "bushel"), "unknown unit"),
        (("--at", "2030-01-01T00:00:00Z"), "a delivery that is still to come"),
    ],
)
def test_what_cannot_be_signed(trade: Trade, options: tuple[str, ...], reason: str) -> None:
    done = trade.deliver(*options)
    assert done.code in (1, 2)
    assert reason in done.err + done.out
    assert not trade.delivery.exists()


def test_only_the_maker_signs(trade: Trade) -> None:
    """The bakery has the flour's passport too."""
    done = trade.passport(
        "deliver",
        trade.flour,
        *trade.at(BAKERY),
        *trade.buyer,
        *("--quantity", "1", "--unit", "tonne", "-o", trade.delivery),
    )
    assert done.code == 2
    assert "only who made a product signs that it was delivered" in done.err


def test_an_old_delivery_names_its_day(trade: Trade, now: datetime) -> None:
    day = now - timedelta(days=3)
    assert trade.deliver("--at", f"{day:%Y-%m-%dT%H:%M:%SZ}").code == 0
    document = json.loads(trade.delivery.read_bytes())
    assert document["credentialSubject"][0]["eventDate"] == f"{day:%Y-%m-%dT%H:%M:%SZ}"
    assert document["validFrom"] == f"{now:%Y-%m-%dT%H:%M:%SZ}"
