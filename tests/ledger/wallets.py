"""Accounts that are contracts, made by hand: one goes by its owner's key, others lie, waver or burn gas."""

from __future__ import annotations

from consortium_setup import BOTH, Consortium

from passport.ledger import Account, Address, Call, Transactor
from passport.ledger.relay_wallet import MAGIC

_YES = "7f" + MAGIC.hex() + "5f5260205ff3"  # PUSH32 the word, keep it at 0, return 32 bytes
SAYS_YES, SAYS_NO, BURNS = 0, 1, 2


def owned_by(owner: Account) -> bytes:
    """Says yes to a signature (r, s, v) of `owner`, by the precompile that recovers keys; else nothing."""
    recovers = "602060045f37" + "60a43560f81c602052" + "6040606460403760205f60805f60015afa50"
    return bytes.fromhex(recovers + "5f51" + "73" + owner.address[2:] + "14603d57005b" + _YES)


FICKLE = bytes.fromhex(
    "36602014604657"  # 32 bytes of calldata set what it says from now on
    + "5f54"
    + "80600114603d57"
    + "600214604257"
    + _YES
    + "5b60205ff3"  # 61: says no
    + "5b604256"  # 66: burns what there is
    + "5b5f355f5500"  # 70: is told
)
"""Says yes, says no or burns all gas, as it was told last."""


def greedy(gas: int) -> bytes:
    """Says yes only where more than `gas` is left."""
    return bytes.fromhex(f"62{gas:06x}5a11600a5700" + "5b" + _YES)


def entering(log: Address, data: bytes) -> bytes:
    """Calls a contract with `data` and 60,000 gas first, then says yes."""
    size = f"61{len(data):04x}"
    body = f"{size}60005f39" + f"5f5f{size}5f5f73{log[2:]}61ea60f150" + _YES
    at = len(bytes.fromhex(body))
    return bytes.fromhex(f"{size}60{at:02x}5f39" + f"5f5f{size}5f5f73{log[2:]}61ea60f150" + _YES) + data


def deployed(consortium: Consortium, code: bytes) -> Address:
    """Put a wallet's code onto the chain."""
    creation = bytes.fromhex(f"61{len(code):04x}600c5f3961{len(code):04x}5ff3") + code
    made = Transactor(consortium.chain, consortium.root).send(Call(None, creation)).contract_address
    assert made is not None
    assert consortium.chain.code(made) == code
    return made


def bound(consortium: Consortium, wallet: Address, signature: bytes = b"anything") -> Address:
    """A wallet that the consortium's issuer has bound: the registry asked it, and it said yes."""
    call = consortium.registry.bind_account_key(consortium.issuer_id, wallet, purposes=BOTH, signature=signature)
    sender = Transactor(consortium.chain, consortium.controller)
    tx_hash = sender.submit(sender.prepare(call, gas=500_000))  # more than it takes: some go by how much there is
    receipt = sender._wait(tx_hash)  # a node mines after it has answered
    assert receipt.status
    return wallet


def told(consortium: Consortium, wallet: Address, mode: int) -> None:
    """Tell a fickle wallet what to say from now on."""
    consortium.send(consortium.root, Call(wallet, mode.to_bytes(32, "big")))
