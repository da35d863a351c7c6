"""Gas: what each call costs, compared with what is written down in contracts/gas.json and with the budgets there.

`python tests/contracts/test_gas.py` measures and writes the file anew; the budgets are kept.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from evm_world import ANCHOR, CORRECTED, REVOKED, STATUS, SUPERSEDED, SUSPENDED, Actor, World, sha

from contracts import CONTRACT_NAMES, load
from passport.ledger_footprint.log_gas import status_gas

GAS_FILE = Path(__file__).resolve().parents[2] / "contracts" / "gas.json"
TOLERANCE = 0.01


def dense(number: int) -> bytes:
    """A root as real ones are, so that its calldata costs what theirs does."""
    return hashlib.sha256(b"root %d" % number).digest()


def measure(world: World) -> dict[str, int]:
    """What each call costs, by name; transactions whole, views without calldata."""
    world = world.copy()
    gas = {}
    other = Actor("other").address
    arguments = ("LEI", "529900ODI3047E2LIV03", other, dense(-1), "https://example.com/evidence.json")
    gas["registerIssuer"] = world.send(world.registry, "registerIssuer", *arguments, by="root").gas_used
    gas["bindAccountKey"] = world.bind("other", purposes=ANCHOR | STATUS).gas_used
    credential = (world.issuer_id, dense(-2), 1, 0, 0)
    gas["bindCredentialKey"] = world.send(world.registry, "bindCredentialKey", *credential, by="controller").gas_used
    gas["commit first"] = world.commit(0, dense(0), 10_240).gas_used
    gas["commit"] = world.commit(10_240, dense(1), 1_000_448).gas_used
    account = Actor("anchor").address
    values = (world.issuer_id, 1_000_448, dense(2), 2_000_128, world.now + 3600, account)
    signature = Actor("anchor").sign(world.commit_digest(*values))
    gas["commitFor"] = world.send(world.log, "commitFor", *values, signature, by="relayer").gas_used
    arguments = (world.issuer_id, 700_000, REVOKED, 0, dense(-3))
    gas["revoke first in a word"] = world.send(world.log, "setStatus", *arguments, by="status").gas_used
    arguments = (world.issuer_id, 700_001, REVOKED, 0, dense(-3))
    gas["revoke next in a word"] = world.send(world.log, "setStatus", *arguments, by="status").gas_used
    arguments = (world.issuer_id, 700_300, SUPERSEDED, 900_000, dense(-3))
    gas["supersede"] = world.send(world.log, "setStatus", *arguments, by="status").gas_used
    arguments = (world.issuer_id, 700_600, SUSPENDED, 0, dense(-3))
    gas["suspend first in a word"] = world.send(world.log, "setStatus", *arguments, by="status").gas_used
    order = (world.issuer_id, 700_900, SUSPENDED, 0, dense(-3), 0, world.now + 3600, Actor("status").address)
    signature = Actor("status").sign(world.status_digest(*order))
    gas["setStatusFor suspend first in a word"] = world.send(
        world.log, "setStatusFor", *order, signature, by="relayer"
    ).gas_used
    arguments = (world.issuer_id, list(range(1000, 1040)), [2**256 - 1] * 40)
    gas["recall of 10,240"] = world.send(world.log, "revokeMany", *arguments, by="status").gas_used
    report = (account, world.last)
    gas["reportAccountKeyCompromise"] = world.send(
        world.registry, "reportAccountKeyCompromise", *report, by="controller"
    ).gas_used
    arguments = (world.issuer_id, dense(1), 3, dense(-4), [dense(n) for n in range(20)])
    gas["verifyInclusion in 1,000,448"] = world.measured_view(world.log, "verifyInclusion", *arguments)[1]
    for name in CONTRACT_NAMES:
        gas[f"{name} code bytes"] = len(load(name).deployed_bytecode)
    return gas


@pytest.fixture(scope="module")
def measured(deployed_world: World) -> dict[str, int]:
    return measure(deployed_world)


@pytest.fixture(scope="module")
def written() -> dict[str, dict[str, int]]:
    return json.loads(GAS_FILE.read_text("utf-8"))


def test_everything_measured_is_written_down(measured: dict, written: dict) -> None:
    assert set(measured) == set(written["measured"])
    assert set(written["budgets"]) <= set(measured)


def test_costs_are_what_is_written_down(measured: dict, written: dict) -> None:
    """Cheaper counts too: a cost nobody meant to change is a change nobody has seen."""
    wrong = {
        name: (cost, written["measured"][name])
        for name, cost in measured.items()
        if abs(cost - written["measured"][name]) > TOLERANCE * written["measured"][name]
    }
    assert wrong == {}


def test_costs_are_within_their_budgets(measured: dict, written: dict) -> None:
    over = {name: measured[name] for name, budget in written["budgets"].items() if measured[name] > budget}
    assert over == {}


def test_no_status_costs_more_than_the_upper_end_of_ceilings(deployed_world: World) -> None:
    """Every kind, the first of its word, sent by the account and relayed with the first nonce of its lane."""
    before = deployed_world.copy()
    before.commit(0, dense(0), 1_000_448)
    account = Actor("status").address
    for kind, successor in ((REVOKED, 0), (SUSPENDED, 0), (SUPERSEDED, 900_000), (CORRECTED, 900_000)):
        said = (before.issuer_id, 700_000, kind, successor, dense(-3))
        assert before.copy().send(before.log, "setStatus", *said, by="status").gas_used <= status_gas().high
        order = (*said, 0, before.now + 3600, account)
        signature = Actor("status").sign(before.status_digest(*order))
        relayed = before.copy().send(before.log, "setStatusFor", *order, signature, by="relayer").gas_used
        assert relayed <= status_gas().high


def test_a_wrong_proof_of_any_length_costs_no_more(deployed_world: World) -> None:
    world = deployed_world.copy()
    world.commit(0, dense(1), 2**48 - 1)
    for length in (48, 400):
        arguments = (world.issuer_id, dense(1), 2**47, sha(1), [dense(n) for n in range(length)])
        answer, gas = world.measured_view(world.log, "verifyInclusion", *arguments)
        assert answer is False
        assert gas < 40_000


def _write() -> None:
    from conftest import deployed_world

    document = json.loads(GAS_FILE.read_text("utf-8")) if GAS_FILE.exists() else {"budgets": {}}
    document["measured"] = measure(deployed_world.__wrapped__())
    GAS_FILE.write_text(json.dumps(document, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    _write()
