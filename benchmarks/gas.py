"""Gas per passport: one commit of a checkpoint for a batch of any size, against EAS on the same chain.

The Ethereum Attestation Service is deployed from the artefacts of its own package. One `attest` a passport is the price
of a batch of one. `multiAttest` is what many at once cost, and its price for each stays the same however many there
are: a transaction takes about two hundred, so that larger batches are more transactions.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from typing import Any

from eth_abi.abi import encode

from benchmarks.bench import Bench
from benchmarks.node_peer import compiled
from benchmarks.result import Result, cost
from benchmarks.world import now
from passport.ledger import (
    Account,
    AccountPurpose,
    Address,
    Call,
    EmbeddedChain,
    LogWriter,
    RegistryWriter,
    Transactor,
    deploy,
    issuer_id,
)
from passport.ledger.merkle import MerkleLog
from passport.model.keccak import keccak

_ROOT_LEI, _LEI = "506700GE1G29325QX363", "529900ODI3047E2LIV03"
_ARTIFACTS = "@ethereum-attestation-service/eas-contracts/artifacts/contracts"
_DATA = "(address,uint64,bool,bytes32,bytes,uint256)"
_ATTEST = f"attest((bytes32,{_DATA}))"
_MULTI = f"multiAttest((bytes32,{_DATA}[])[])"
_NOBODY = "0x" + "00" * 20
_BATCHES = {1: 2.5, 100: 200.0, 10_000: 20_000.0, 1_000_000: 2_000_000.0}
"""How many passports a checkpoint covers, with the ratio aimed at."""

_AT_ONCE = 100


def run(bench: Bench) -> Iterator[Result]:
    """Each figure is of a transaction that is not the first of its kind: that one pays for fresh storage."""
    with EmbeddedChain.create(bench.folder / "gas.db", clock=now) as chain:
        single, many = _attestations(chain)
        issuer = _Issuer(chain)
        issuer.commit(256)
        for passports, goal in _BATCHES.items():
            count = bench.count(passports, quick=min(passports, 20_000))
            reference, name = (single, "attest") if passports == 1 else (many, f"multiAttest of {_AT_ONCE}")
            yield cost(
                f"gas_{passports}",
                f"gas per passport in a checkpoint of {count:,}",
                ours=issuer.commit(count) / count,
                reference=reference,
                reference_name=f"EAS 1.4.0 on the same chain: {name}",
                unit="gas",
                goal=goal if count == passports else None,
            )


class _Issuer:
    """A registered issuer with a log that grows by real trees."""

    def __init__(self, chain: EmbeddedChain) -> None:
        root, controller, self._anchorer = Account(b"\x01" * 32), Account(b"\x02" * 32), Account(b"\x03" * 32)
        placed = deploy(chain, root, scheme="LEI", identifier=_ROOT_LEI, evidence_hash=b"\x01" * 32)
        registry = RegistryWriter(placed.registry, chain.chain)
        self._chain, self._id, self._log = chain, issuer_id("LEI", _LEI), MerkleLog()
        self._writer = LogWriter(placed.log, chain.chain)
        registered = registry.register_issuer("LEI", _LEI, controller=controller.address, evidence_hash=b"\x02" * 32)
        Transactor(chain, root).send(registered)
        purposes = AccountPurpose.ANCHOR
        agreed = registry.sign_binding(self._anchorer, self._id, purposes=purposes)
        bound = registry.bind_account_key(self._id, self._anchorer.address, purposes=purposes, signature=agreed)
        Transactor(chain, controller).send(bound)

    def commit(self, passports: int) -> int:
        """Append so many docHashes and commit the root; the gas it took."""
        before = len(self._log)
        self._log.extend(sha256(str(number).encode()).digest() for number in range(before, before + passports))
        call = self._writer.commit(self._id, prev_size=before, root=self._log.root(), size=len(self._log))
        return Transactor(self._chain, self._anchorer).send(call).gas_used


def _attestations(chain: EmbeddedChain) -> tuple[float, float]:
    """What EAS takes for one docHash: alone, and among a hundred."""
    sender = Transactor(chain, Account(b"\x04" * 32))
    schemas = _create(sender, "SchemaRegistry")
    eas = _create(sender, "EAS", encode(["address"], [schemas]))
    text = "bytes32 docHash"
    arguments = encode(["string", "address", "bool"], [text, _NOBODY, True])
    sender.send(Call(schemas, keccak(b"register(string,address,bool)")[:4] + arguments))
    schema = keccak(text.encode() + bytes(20) + b"\x01")
    singles = [sender.send(_call(eas, _ATTEST, (schema, _request(number)))).gas_used for number in range(2)]
    batches = []
    for batch in range(2):
        requests = [_request(1_000 * (batch + 1) + number) for number in range(_AT_ONCE)]
        batches.append(sender.send(_call(eas, _MULTI, [(schema, requests)])).gas_used)
    return float(min(singles)), min(batches) / _AT_ONCE


def _create(sender: Transactor, name: str, arguments: bytes = b"") -> Address:
    code = bytes.fromhex(compiled(f"{_ARTIFACTS}/{name}.sol/{name}.json")["bytecode"].removeprefix("0x"))
    address = sender.send(Call(None, code + arguments)).contract_address
    if address is None:
        raise ValueError(f"{name} was not created")
    return address


def _request(number: int) -> tuple[Any, ...]:
    """An attestation of one docHash: nobody receives it, it can be revoked, it refers to nothing and pays nothing."""
    return (_NOBODY, 0, True, bytes(32), sha256(str(number).encode()).digest(), 0)


def _call(contract: Address, signature: str, argument: Any) -> Call:
    arguments = encode([signature[signature.index("(") + 1 : -1]], [argument])
    return Call(contract, keccak(signature.encode())[:4] + arguments)
