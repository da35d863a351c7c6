"""Chains to test on: an empty one, and a small consortium that is made once and copied for every test that wants it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from consortium_setup import (
    GENESIS_TIME,
    ISSUER_LEI,
    KEY_HASH,
    ROOT_LEI,
    STORE_CODE,
    STORE_CREATION,
    Consortium,
    account,
)

from passport.ledger import Address, Call, Deployment, EmbeddedChain, Transactor, deploy, issuer_id


@pytest.fixture(scope="session")
def consortium_file(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Deployment]:
    """The chain file all consortia start from."""
    path = tmp_path_factory.mktemp("consortium") / "chain.db"
    with EmbeddedChain.create(path, clock=lambda: GENESIS_TIME, seed=bytes(32)) as chain:
        place = deploy(chain, account(1), scheme="LEI", identifier=ROOT_LEI, evidence_hash=b"\x01" * 32)
        made = Consortium(chain, place, *(account(n) for n in (1, 2, 3, 4)), issuer_id("LEI", ISSUER_LEI))
        made.send(
            made.root,
            made.registry.register_issuer(
                "LEI", ISSUER_LEI, controller=made.controller.address, evidence_hash=b"\x02" * 32
            ),
        )
        made.bind(made.controller, made.issuer_id, made.anchorer)
        made.send(made.controller, made.registry.bind_credential_key(made.issuer_id, KEY_HASH))
    return path, place


@pytest.fixture
def consortium(consortium_file: tuple[Path, Deployment], tmp_path: Path) -> Iterator[Consortium]:
    """A consortium of one's own."""
    path, place = consortium_file
    copy = tmp_path / "consortium.db"
    shutil.copyfile(path, copy)
    with EmbeddedChain.open(copy, clock=lambda: GENESIS_TIME) as chain:
        yield Consortium(chain, place, *(account(n) for n in (1, 2, 3, 4)), issuer_id("LEI", ISSUER_LEI))


@pytest.fixture
def chain(tmp_path: Path, clock: Callable[[], datetime]) -> Iterator[EmbeddedChain]:
    """An empty chain."""
    with EmbeddedChain.create(tmp_path / "chain.db", clock=clock) as made:
        yield made


@pytest.fixture
def store(chain: EmbeddedChain) -> Address:
    """A contract that stores what it is told, on `chain`."""
    address = Transactor(chain, account(9)).send(Call(None, STORE_CREATION)).contract_address
    assert address is not None
    assert chain.code(address) == STORE_CODE
    return address
