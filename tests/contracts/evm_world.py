"""A chain in memory with the two contracts on it, for the tests of this folder: real blocks, signatures and gas.

Nothing here reads the wall clock: each block gets the time that the test has set.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from eth.abc import ComputationAPI
from eth.chains.base import MiningChain
from eth.db.atomic import AtomicDB
from eth.db.backends.memory import MemoryDB
from eth.vm.forks.cancun import CancunVM
from eth.vm.spoof import SpoofTransaction
from eth_abi.abi import decode, encode
from eth_hash.auto import keccak
from eth_keys import KeyAPI
from eth_keys.backends import CoinCurveECCBackend

from contracts import CONTRACT_NAMES, Artifact, load

CHAIN_ID = 20261122
GENESIS_TIME = int(datetime(2026, 11, 22, 9, 0, tzinfo=UTC).timestamp())
GAS_LIMIT = 30_000_000
GAS_PRICE = 10**10
TRANSACTION_GAS = 15_000_000
SECP256K1_N = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141

ANCHOR, STATUS = 1, 2
SUPERSEDED, CORRECTED, REVOKED, SUSPENDED, REINSTATED = 1, 2, 3, 4, 5

_KEYS = KeyAPI(CoinCurveECCBackend())
ACTORS = ("root", "controller", "anchor", "status", "registrar", "other", "stranger", "relayer")


def sha(number: int) -> bytes:
    """32 bytes that differ for each number: stands for a root or a hash whose meaning does not matter."""
    return number.to_bytes(32, "big")


@dataclass(frozen=True)
class Actor:
    """An account with its private key."""

    name: str

    @property
    def key(self) -> Any:
        return _KEYS.PrivateKey(keccak(b"actor " + self.name.encode()))

    @property
    def canonical(self) -> bytes:
        return self.key.public_key.to_canonical_address()

    @property
    def address(self) -> str:
        """As eth_abi writes addresses."""
        return "0x" + self.canonical.hex()

    def sign(self, digest: bytes) -> bytes:
        """65 bytes r, s, v."""
        signature = self.key.sign_msg_hash(digest)
        return signature.r.to_bytes(32, "big") + signature.s.to_bytes(32, "big") + bytes([27 + signature.v])

    def sign_high_s(self, digest: bytes) -> bytes:
        """The other signature that recovers to the same account."""
        signature = self.key.sign_msg_hash(digest)
        high = SECP256K1_N - signature.s
        return signature.r.to_bytes(32, "big") + high.to_bytes(32, "big") + bytes([28 - signature.v])


@dataclass(frozen=True)
class Contract:
    """A deployed contract."""

    artifact: Artifact
    canonical: bytes

    @property
    def address(self) -> str:
        return "0x" + self.canonical.hex()

    def entry(self, kind: str, name: str | None) -> dict[str, Any]:
        found = [e for e in self.artifact.abi if e["type"] == kind and e.get("name") == name]
        assert len(found) == 1, f"{kind} {name}: {len(found)}"
        return dict(found[0])

    def calldata(self, function: str, *arguments: Any) -> bytes:
        entry = self.entry("function", function)
        return selector(entry) + encode([abi_type(i) for i in entry["inputs"]], arguments)


class RevertedError(Exception):
    """A call that reverted, decoded."""

    def __init__(self, name: str, arguments: tuple[Any, ...]) -> None:
        super().__init__(f"{name}{arguments}")
        self.name = name
        self.arguments = arguments


@dataclass(frozen=True)
class Event:
    """An event, decoded; what is indexed and dynamic does not occur here."""

    name: str
    arguments: dict[str, Any]


@dataclass(frozen=True)
class Result:
    """What a transaction did."""

    gas_used: int
    events: list[Event]
    output: Any
    contract: bytes


def abi_type(part: dict[str, Any]) -> str:
    """The canonical type of a parameter, tuples written out."""
    if part["type"].startswith("tuple"):
        return f"({','.join(abi_type(c) for c in part['components'])})" + part["type"][5:]
    return str(part["type"])


def signature_of(entry: dict[str, Any]) -> str:
    return f"{entry['name']}({','.join(abi_type(i) for i in entry['inputs'])})"


def selector(entry: dict[str, Any]) -> bytes:
    return keccak(signature_of(entry).encode())[:4]


def named(entry: dict[str, Any], values: tuple[Any, ...]) -> Any:
    """One output as itself (a struct as a dict), several as a dict."""
    parts = entry["outputs"]
    plain = [
        dict(zip((c["name"] for c in part["components"]), value, strict=True)) if part["type"] == "tuple" else value
        for part, value in zip(parts, values, strict=True)
    ]
    if len(plain) == 1:
        return plain[0]
    return dict(zip((p["name"] for p in parts), plain, strict=True)) if plain else None


@dataclass
class World:
    """The chain, its actors and its contracts. `now` is the time of the next block; sending moves it on by 12 s."""

    chain: Any
    now: int = GENESIS_TIME + 12
    registry: Contract = field(init=False)
    log: Contract = field(init=False)
    batcher: Contract = field(init=False)
    issuer_id: bytes = field(init=False)
    issuers: list[bytes] = field(default_factory=list)
    root_id: bytes = field(init=False)
    credential_hash: bytes = keccak(b"a multikey")
    _open_block: bool = False

    # ------------------------------------------------------------ making

    @classmethod
    def genesis(cls) -> World:
        """A chain where every actor is rich and nothing is deployed."""
        accounts = {
            Actor(name).canonical: {"balance": 10**24, "nonce": 0, "code": b"", "storage": {}} for name in ACTORS
        }
        parameters = {
            "difficulty": 0,
            "gas_limit": GAS_LIMIT,
            "timestamp": GENESIS_TIME,
            "coinbase": bytes(20),
            "extra_data": b"",
            "nonce": bytes(8),
        }
        return cls(_chain_class().from_genesis(AtomicDB(MemoryDB()), parameters, accounts))

    def copy(self) -> World:
        """The same world, from here on apart."""
        twin = World(_chain_class()(AtomicDB(MemoryDB(dict(self.chain.chaindb.db.wrapped_db.kv_store)))), self.now)
        for name in ("registry", "log", "batcher", "issuer_id", "root_id"):
            setattr(twin, name, getattr(self, name))
        return twin

    # ------------------------------------------------------------ transactions

    @property
    def last(self) -> int:
        """The time of the latest block."""
        return int(self.chain.get_canonical_head().timestamp)

    @contextmanager
    def one_block(self) -> Iterator[None]:
        """Everything sent inside goes into one block."""
        self._open_block = True
        yield
        self._open_block = False
        self._mine()

    def send(self, contract: Contract, function: str, *arguments: Any, by: str, gas: int = TRANSACTION_GAS) -> Result:
        """A transaction; raises `RevertedError` if it reverts."""
        entry = contract.entry("function", function)
        return self._transact(contract.canonical, contract.calldata(function, *arguments), by, entry, gas=gas)

    def deploy(self, artifact: Artifact, *arguments: Any, by: str = "root") -> Contract:
        constructor = [e for e in artifact.abi if e["type"] == "constructor"]
        data = encode([abi_type(i) for i in constructor[0]["inputs"]], arguments)
        return Contract(artifact, self._transact(b"", artifact.bytecode + data, by, None).contract)

    def deploy_code(self, code: bytes) -> str:
        """Puts runtime code at a new address."""
        creation = bytes.fromhex("61") + len(code).to_bytes(2, "big") + bytes.fromhex("80600a3d393df3") + code
        return "0x" + self._transact(b"", creation, "root", None).contract.hex()

    def call_raw(self, address: str, *, by: str) -> Result:
        """A transaction without data to code that has no ABI."""
        return self._transact(bytes.fromhex(address[2:]), b"", by, None)

    def _transact(
        self, to: bytes, data: bytes, by: str, entry: dict[str, Any] | None, value: int = 0, gas: int = TRANSACTION_GAS
    ) -> Result:
        sender = Actor(by)
        self.chain.set_header_timestamp(self.now)
        vm = self.chain.get_vm(self.chain.header)
        unsigned = vm.create_unsigned_transaction(
            nonce=vm.state.get_nonce(sender.canonical),
            gas_price=GAS_PRICE,
            gas=gas,
            to=to,
            value=value,
            data=data,
        )
        before = self.chain.header.gas_used
        _, receipt, computation = self.chain.apply_transaction(unsigned.as_signed_transaction(sender.key, CHAIN_ID))
        if not self._open_block:
            self._mine()
        self._raise_if_failed(computation)
        output = _decode_output(entry, computation.output) if entry else None
        created = computation.msg.storage_address if not to else b""
        return Result(receipt.gas_used - before, self._events(receipt.logs), output, created)

    def _mine(self) -> None:
        self.chain.mine_block()
        self.now += 12

    # ------------------------------------------------------------ reads

    def view(self, contract: Contract, function: str, *arguments: Any, at: int | None = None) -> Any:
        """A call on the latest state, in a block of time `at` (that of the latest block by default)."""
        return self.measured_view(contract, function, *arguments, at=at)[0]

    def measured_view(
        self, contract: Contract, function: str, *arguments: Any, at: int | None = None
    ) -> tuple[Any, int]:
        """The answer and the execution gas, without the cost of being a transaction."""
        head = self.chain.get_canonical_head()
        vm = self.chain.get_vm(head.copy(timestamp=self.last if at is None else at))
        data = contract.calldata(function, *arguments)
        unsigned = vm.create_unsigned_transaction(
            nonce=vm.state.get_nonce(Actor("stranger").canonical),
            gas_price=GAS_PRICE,
            gas=GAS_LIMIT,
            to=contract.canonical,
            value=0,
            data=data,
        )
        # Paid for on a state that is thrown away.
        computation = vm.state.apply_transaction(SpoofTransaction(unsigned, from_=Actor("stranger").canonical))
        self._raise_if_failed(computation)
        # A computation starts with what is left after the intrinsic cost.
        gas = computation.msg.gas - computation.get_gas_remaining()
        return _decode_output(contract.entry("function", function), computation.output), gas

    def storage(self, contract: Contract, slot: int) -> int:
        """A raw word of storage."""
        vm = self.chain.get_vm(self.chain.get_canonical_head())
        return int(vm.state.get_storage(contract.canonical, slot))

    # ------------------------------------------------------------ signing

    def bind_digest(
        self, issuer_id: bytes, account: str, purposes: int, start: int, until: int, **domain: Any
    ) -> bytes:
        """What an account signs to be bound."""
        types = "bytes32 issuerId,address account,uint8 purposes,uint40 from,uint40 until"
        values = (issuer_id, account, purposes, start, until)
        return self._digest("IssuerRegistry", self.registry, f"BindAccountKey({types})", values, domain)

    def commit_digest(self, *values: Any, **domain: Any) -> bytes:
        """What an account signs for a relayed commit: issuer, previous size, root, size, deadline, account."""
        types = "bytes32 issuerId,uint48 prevSize,bytes32 root,uint48 size,uint40 deadline,address account"
        return self._digest("PassportLog", self.log, f"Commit({types})", values, domain)

    def status_digest(self, *values: Any, **domain: Any) -> bytes:
        """What an account signs for a relayed status: the arguments of `setStatusFor` but the signature."""
        types = "bytes32 issuerId,uint48 index,uint8 kind,uint48 next,bytes32 reasonHash"
        types += ",uint256 nonce,uint40 deadline,address account"
        return self._digest("PassportLog", self.log, f"SetStatus({types})", values, domain)

    def _digest(self, name: str, contract: Contract, message: str, values: Any, domain: dict[str, Any]) -> bytes:
        """EIP-712 by its definition, so that the contracts' own hashing is checked against another."""
        kind = b"EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
        separator = keccak(
            encode(
                ["bytes32", "bytes32", "bytes32", "uint256", "address"],
                [
                    keccak(kind),
                    keccak(f"carbon-passport {domain.get('name', name)}".encode()),
                    keccak(b"1"),
                    domain.get("chain_id", CHAIN_ID),
                    domain.get("contract", contract.address),
                ],
            )
        )
        types = [part.split(" ")[0] for part in message.partition("(")[2][:-1].split(",")]
        struct = keccak(keccak(message.encode()) + encode(types, values))
        return keccak(b"\x19\x01" + separator + struct)

    # ------------------------------------------------------------ usual steps

    def fund(self, name: str) -> None:
        """Gives an actor that the genesis does not know something to pay gas with."""
        self._transact(Actor(name).canonical, b"", "root", None, value=10**20)

    def register(self, identifier: str, *, controller: str, by: str = "root", scheme: str = "LEI") -> bytes:
        arguments = (scheme, identifier, Actor(controller).address, sha(0xE), "https://example.com/evidence")
        return bytes(self.send(self.registry, "registerIssuer", *arguments, by=by).output)

    def bind(self, account: str, *, purposes: int = ANCHOR, start: int = 0, until: int = 0, **who: Any) -> Result:
        """Binds an actor's account with its consent; `issuer_id` and `by` default to the usual issuer."""
        issuer_id, by = who.get("issuer_id", self.issuer_id), who.get("by", "controller")
        actor = Actor(account)
        signature = actor.sign(self.bind_digest(issuer_id, actor.address, purposes, start, until))
        arguments = (issuer_id, actor.address, purposes, start, until, signature)
        return self.send(self.registry, "bindAccountKey", *arguments, by=by)

    def commit(self, prev_size: int, root: bytes, size: int, *, by: str = "anchor") -> Result:
        return self.send(self.log, "commit", self.issuer_id, prev_size, root, size, by=by)

    def set_status(self, index: int, kind: int, successor: int = 0, *, by: str = "status") -> Result:
        return self.send(self.log, "setStatus", self.issuer_id, index, kind, successor, sha(0), by=by)

    # ------------------------------------------------------------ answers

    @contextmanager
    def reverts(self, name: str, *arguments: Any) -> Iterator[None]:
        """The call inside reverts with this error and exactly these arguments."""
        with pytest.raises(RevertedError) as caught:
            yield
        assert (caught.value.name, caught.value.arguments) == (name, arguments)

    def _raise_if_failed(self, computation: ComputationAPI) -> None:
        if not computation.is_error:
            return
        data = bytes(computation.output)
        for artifact in map(load, CONTRACT_NAMES):
            for entry in artifact.abi:
                if entry["type"] == "error" and selector(dict(entry)) == data[:4]:
                    values = decode([abi_type(i) for i in entry["inputs"]], data[4:])
                    raise RevertedError(entry["name"], values)
        raise RevertedError(type(computation.error).__name__, (data,))

    def _events(self, logs: Any) -> list[Event]:
        events = []
        for entry_log in logs:
            topics = [topic.to_bytes(32, "big") for topic in entry_log.topics]
            entry = next(
                dict(e)
                for artifact in map(load, CONTRACT_NAMES)
                for e in artifact.abi
                if e["type"] == "event" and keccak(signature_of(dict(e)).encode()) == topics[0]
            )
            indexed = [i for i in entry["inputs"] if i["indexed"]]
            plain = [i for i in entry["inputs"] if not i["indexed"]]
            values = dict(
                zip((i["name"] for i in plain), decode([abi_type(i) for i in plain], entry_log.data), strict=True)
            )
            for part, topic in zip(indexed, topics[1:], strict=True):
                values[part["name"]] = decode([abi_type(part)], topic)[0]
            events.append(Event(entry["name"], values))
        return events


def _chain_class() -> Any:
    return MiningChain.configure(__name__="TestChain", vm_configuration=((0, CancunVM),), chain_id=CHAIN_ID)


def _decode_output(entry: dict[str, Any], output: bytes) -> Any:
    return named(entry, decode([abi_type(o) for o in entry["outputs"]], output))
