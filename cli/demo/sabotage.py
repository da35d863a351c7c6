"""Four cheats, each done for real in its own copy of the world with the cheat's own keys, and what an auditor finds.

Everything here lies on purpose. The liars use the library like everybody else and change one thing each, so that what
is caught is the lie and not a clumsy forgery.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from cli.catalogue import Language, word
from cli.demo.world import DemoWorkspace, Tick, World, no_tick, unsafe_accept_anything
from passport.arithmetic.quanta import from_text, to_text
from passport.credentials import Role, new_salt, row_document
from passport.issuer import Calculated, IssuedPassport, Issuer, order_inventories
from passport.ledger import Account, Address, LedgerAnchor
from passport.ledger.outbox import Outbox
from passport.model.digest import digest_of
from passport.model.inventory import FactorInput, Input, Inventory, PassportInput
from verifier.audit import Settings, audit
from verifier.bundle import BundleFile
from verifier.bundle_source import BundleSource
from verifier.bundling import make_bundle
from verifier.policy import default_policy
from verifier.report import Failure, Report, Verdict
from verifier.store_source import StoreSource
from verifier.trust import Trust

SABOTAGE_FOLDER: Final = "sabotage"
CATHODE: Final = "https://id.baekdam-cathode.example/"
GRAPHITE: Final = "https://id.kitanami-carbon.example/"
ELECTROLYTE: Final = "https://id.noeul-electrolyte.example/"


@dataclass(frozen=True, slots=True)
class Sabotage:
    """One cheat and what came of it.

    Attributes:
        name: Its name, and that of its folder.
        expected_check: The check that has to catch it.
        report: What the auditor found.
    """

    name: str
    expected_check: str
    report: Report

    def what(self, language: Language = Language.EN) -> str:
        """What the cheat did, in a sentence."""
        return word(f"sabotage.{self.name}", language)

    @property
    def failure(self) -> Failure | None:
        """The first failed check, in the documented order, at the deepest failing passport."""
        return self.report.deepest_failure()

    @property
    def failed_check(self) -> str | None:
        """The id of that check."""
        return str(self.failure.check.id) if self.failure else None

    @property
    def at(self) -> str | None:
        """The passport it failed at."""
        return self.failure.node if self.failure else None

    @property
    def is_caught(self) -> bool:
        """Whether it was caught by the check that is there for it."""
        return self.report.verdict is Verdict.FAILED and self.failed_check == self.expected_check

    def to_json(self) -> dict[str, Any]:
        """What the demonstration says of it."""
        return {
            "what": self.what(),
            "verdict": str(self.report.verdict),
            "failed_check": self.failed_check,
            "at": self.at,
        }


class UnsafeQuantityLiar(Issuer):
    """Writes a smaller quantity into an opened row, leaves the contribution as it was, and signs that."""

    def _calculate(self, inventory: Inventory, now: datetime) -> Calculated:
        honest = super()._calculate(inventory, now)
        rows = list(honest.rows)
        position = next(n for n, body in enumerate(rows) if json.loads(body)["row"]["kind"] == "passport")
        row = json.loads(rows[position])["row"]
        row["quantity"] = to_text(from_text(row["quantity"]) * 9 // 10)
        rows[position] = row_document(row, new_salt(self._random_bytes))
        return replace(honest, rows=tuple(rows), hashes=tuple(map(digest_of, rows)))


class UnsafeSameIdIssuer(Issuer):
    """Signs another passport under an id that it has given out already."""

    reused_id = ""

    def _name(self, folder: str) -> str:
        return self.reused_id

    def _check_versions(self, inventory: Inventory) -> None:
        """Not asked: two passports for one product are the very lie."""


def run_all(world: World, *, trust: Trust, tick: Tick = no_tick) -> list[Sabotage]:
    """Run every cheat; the world itself is only copied.

    Args:
        world: The good world, closed.
        trust: The auditor's trust file.
        tick: Called after each.
    """
    cheats: tuple[Callable[[World, Trust], Sabotage], ...] = (
        changed_quantity,
        swapped_passport,
        unvouched_key,
        strangers_chain,
    )
    done = []
    for cheat in cheats:
        done.append(cheat(world, trust))
        tick(len(done), len(cheats))
    return done


def changed_quantity(world: World, trust: Trust) -> Sabotage:
    """An issuer changes a quantity of its own, signs again with its real key, and anchors again."""
    copy = _copy(world, "changed-quantity")
    inventory = _inventory(copy, CATHODE)
    maker = copy.cast.maker_of(inventory.product.id).key
    copy.receive_suppliers(maker, [inventory])
    _issue_unsafely(copy, maker, UnsafeQuantityLiar, _successor(copy, inventory, {}))
    _reissue_buyers(copy, inventory.product.id)
    return Sabotage("changed-quantity", "arithmetic", _audit_top(copy, trust))


def swapped_passport(world: World, trust: Trust) -> Sabotage:
    """A supplier hands out another passport, with a better figure, under the id that its buyer pinned."""
    copy = _copy(world, "swapped-passport")
    inventory = _inventory(copy, GRAPHITE)
    maker = copy.cast.maker_of(inventory.product.id).key
    pinned = copy.issued[inventory.product.id]
    better = tuple(
        entry.model_copy(update={"quantity": entry.quantity / 2}) if isinstance(entry, FactorInput) else entry
        for entry in inventory.inputs
    )
    _issue_unsafely(
        copy, maker, UnsafeSameIdIssuer, inventory.model_copy(update={"inputs": better}), reused_id=pinned.id
    )
    return Sabotage("swapped-passport", "digest", _audit_top(copy, trust))


def unvouched_key(world: World, trust: Trust) -> Sabotage:
    """A registered company signs with a key that stands in its own DID document and on no registry."""
    copy = _copy(world, "unvouched-key")
    inventory = _inventory(copy, ELECTROLYTE)
    maker = copy.cast.maker_of(inventory.product.id).key
    workspace = copy.workspace(maker)
    settings = workspace.settings.model_copy(update={"chain": None})
    with DemoWorkspace(workspace.folder, settings, clock=copy.clock) as offline:
        offline.rotate(Role.CREDENTIAL, workspace.passphrase)  # without a chain nothing is bound
    # Rotating wrote no settings: the chain is still in the workspace's file.
    copy.workspaces.pop(maker).close()
    copy.receive_suppliers(maker, [inventory])
    _issue_unsafely(copy, maker, Issuer, _successor(copy, inventory, {}))
    _reissue_buyers(copy, inventory.product.id)
    return Sabotage("unvouched-key", "identity", _audit_top(copy, trust))


def strangers_chain(world: World, trust: Trust) -> Sabotage:
    """A stranger plays every part, same names and same identifiers, on a chain and a registry of their own."""
    other = World(world.folder / SABOTAGE_FOLDER / "strangers-chain", world.cast, world.clock)
    try:
        other.found()
        other.issue_everything()
        bundle = other.folder / "top.bundle"
        with other.auditor() as auditor:
            source = StoreSource(auditor.store, auditor.ledger)
            make_bundle(
                bundle,
                source,
                other.top.digest,
                trust=other.trust(),
                ledger=auditor.ledger,
                policy=default_policy(),
                at=world.clock(),
            )
    finally:
        other.close()
    with BundleFile(bundle) as opened:
        report = audit(
            BundleSource(opened),
            opened.header.top,
            policy=default_policy(),
            trust=trust,
            settings=Settings(at=world.clock(), is_now=True, is_snapshot=True),
        )
    return Sabotage("strangers-chain", "inclusion", report)


def _copy(world: World, name: str) -> World:
    """A copy of chain and companies; the auditor comes later, with what it is handed."""
    folder = world.folder / SABOTAGE_FOLDER / name
    folder.mkdir(parents=True)
    keys = [world.cast.registrar.key, *(company.key for company in world.cast.companies)]
    for part in (world.chain_file.parent.name, *keys):
        shutil.copytree(world.folder / part, folder / part)
    return World(folder, world.cast, world.clock, issued=dict(world.issued))


def _inventory(world: World, product_prefix: str) -> Inventory:
    return next(
        inventory
        for company in world.cast.companies
        for inventory in company.inventories
        if inventory.product.id.startswith(product_prefix)
    )


def _successor(world: World, inventory: Inventory, changed: Mapping[str, IssuedPassport]) -> Inventory:
    """The same account once more, in place of the passport issued before, on top of what has changed below."""
    inputs = tuple(_pinned(entry, changed) for entry in inventory.inputs)
    return inventory.model_copy(update={"inputs": inputs, "predecessor": world.issued[inventory.product.id].id})


def _pinned(entry: Input, changed: Mapping[str, IssuedPassport]) -> Input:
    passport = changed.get(entry.product or "") if isinstance(entry, PassportInput) else None
    if passport is None:
        return entry
    return entry.model_copy(update={"product": None, "passport": passport.id, "digest": passport.digest})


def _reissue_buyers(world: World, product: str) -> None:
    """Let every company downstream issue again on top of the lie, without looking."""
    changed = {product: world.issued[product]}
    inventories = [inventory for company in world.cast.companies for inventory in company.inventories]
    for inventory in order_inventories(inventories):
        if not any(entry.product in changed for entry in inventory.passport_inputs):
            continue
        maker = world.cast.maker_of(inventory.product.id).key
        world.receive_suppliers(maker, [inventory])
        world.issue(maker, [_successor(world, inventory, changed)], accept=unsafe_accept_anything)
        changed[inventory.product.id] = world.issued[inventory.product.id]


def _issue_unsafely(
    world: World, maker: str, liar: type[Issuer], inventory: Inventory, *, reused_id: str | None = None
) -> None:
    """Let a company issue with a lying issuer in place of the honest one, with its real keys and its real log."""
    workspace = world.workspace(maker)
    ring, passphrase = workspace.keys(), workspace.passphrase
    did = workspace.settings.did or ""
    active = ring.active(Role.CREDENTIAL)
    account = Account(ring.open_account(ring.active(Role.ANCHORING), passphrase))
    anchor = LedgerAnchor(workspace.ledger, account, Address(workspace.chain.log))
    issuer = liar(
        party=workspace.party,
        did=did,
        base_url=f"https://{workspace.settings.host}",
        store=workspace.store,
        outbox=Outbox(workspace.store, anchor, log_key=workspace.log_key, clock=world.clock),
        signer=ring.open_signer(active, passphrase, verification_method=f"{did}#key-{active.number}"),
        place=workspace.place,
        accept=unsafe_accept_anything,
        clock=world.clock,
    )
    if isinstance(issuer, UnsafeSameIdIssuer) and reused_id is not None:
        issuer.reused_id = reused_id
    world.issued[inventory.product.id] = issuer.issue(inventory)
    issuer.anchor()
    workspace.publish()


def _audit_top(world: World, trust: Trust) -> Report:
    """What an auditor without keys finds who is handed everything this world publishes."""
    try:
        with world.auditor() as auditor:
            return audit(
                StoreSource(auditor.store, auditor.ledger),
                world.top.digest,
                policy=default_policy(),
                trust=trust,
                settings=Settings(at=world.clock(), is_now=True),
            )
    finally:
        world.close()
