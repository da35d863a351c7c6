"""Orders for relayers and batches, on the embedded chain; and deployments that only look like ours."""

from __future__ import annotations

import pytest
from consortium_setup import BOTH, ROOT_LEI, Consortium, account

from contracts import load
from passport.errors import TransactionError, WrongChainError
from passport.ledger import (
    BatchWriter,
    Call,
    CommitOrder,
    PassportLogView,
    StatusKind,
    Transactor,
    deploy_batcher,
    issuer_id,
    open_deployment,
)
from passport.ledger.transactions import encode_creation, read_contract


def test_a_status_is_ordered_by_its_account_and_sent_by_anyone(consortium: Consortium) -> None:
    consortium.commit(256)
    lane = 5 << 64
    terms = {"nonce": lane, "deadline": consortium.now + 100, "reason_hash": b"\x07" * 32}
    order = (consortium.issuer_id, 3, StatusKind.SUPERSEDED)
    signature = consortium.log.sign_status(consortium.anchorer, *order, next_index=9, **terms)
    sent = {**terms, "next_index": 9, "account": consortium.anchorer.address, "signature": signature}
    consortium.send(consortium.stranger, consortium.log.set_status_for(*order, **sent))
    successor = (
        PassportLogView(consortium.chain.state(), consortium.place.log).status(consortium.issuer_id, 3).successor
    )
    assert successor is not None
    assert (successor.kind, successor.next_index, successor.time) == (StatusKind.SUPERSEDED, 9, consortium.now)
    asked = (load("PassportLog"), consortium.place.log, "nonceOf", consortium.anchorer.address, 5)
    assert read_contract(consortium.chain, *asked) == lane + 1
    with pytest.raises(TransactionError, match="OrderNonceInvalid"):
        consortium.send(consortium.stranger, consortium.log.set_status_for(*order, **sent))


def test_a_batch_takes_what_is_good_and_skips_the_rest(consortium: Consortium) -> None:
    other = issuer_id("GLN", "4012345000009")
    controller, anchorer = account(21), account(22)
    register = consortium.registry.register_issuer(
        "GLN", "4012345000009", controller=controller.address, evidence_hash=b"\x03" * 32
    )
    consortium.send(consortium.root, register)
    consortium.bind(controller, other, anchorer, BOTH)
    batcher = BatchWriter(
        deploy_batcher(consortium.chain, consortium.stranger, consortium.place.log), consortium.chain.chain
    )
    orders = []
    for entity, signer, root in (
        (consortium.issuer_id, consortium.anchorer, b"\x01" * 32),
        (consortium.issuer_id, consortium.anchorer, b"\x02" * 32),  # stale once the one before it is in
        (other, anchorer, b"\x03" * 32),
    ):
        terms = {"prev_size": 0, "root": root, "size": 256, "deadline": consortium.now + 100}
        signature = consortium.log.sign_commit(signer, entity, **terms)
        orders.append(CommitOrder(entity, account=signer.address, signature=signature, **terms))
    consortium.send(consortium.stranger, batcher.commit_many(orders))
    log = PassportLogView(consortium.chain.state(), consortium.place.log)
    assert log.checkpoint(consortium.issuer_id, b"\x01" * 32) is not None
    assert log.checkpoint(consortium.issuer_id, b"\x02" * 32) is None
    assert log.checkpoint(other, b"\x03" * 32) is not None


def test_a_registry_with_another_judge_of_organisation_keys(consortium: Consortium) -> None:
    """Its own code is ours to the last byte; what its constructor made is not."""
    place = consortium.place
    assert open_deployment(consortium.chain, registry=place.registry, log=place.log) == place
    root = consortium.root.address
    creation = encode_creation(load("IssuerRegistry"), root, "LEI", ROOT_LEI, b"\x01" * 32)
    judge = load("OrganisationKeys").deployed_bytecode
    assert creation.count(judge) == 1
    forged = creation.replace(judge, judge[:-1] + bytes([judge[-1] ^ 1]))
    transactor = Transactor(consortium.chain, consortium.stranger)
    registry = transactor.send(Call(None, forged, ())).contract_address
    assert registry is not None
    assert load("IssuerRegistry").is_code(consortium.chain.code(registry))
    log = transactor.send(Call(None, encode_creation(load("PassportLog"), registry), ())).contract_address
    assert log is not None
    with pytest.raises(WrongChainError, match="the registry asks another judge of organisation keys"):
        open_deployment(consortium.chain, registry=registry, log=log)
