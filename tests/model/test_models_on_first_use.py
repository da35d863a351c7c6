"""Models are built when they are first used: all of them can be, and by several threads at once."""

from __future__ import annotations

import importlib
import pickle
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from pydantic import ValidationError, model_validator

from passport.model.base import DocumentModel, PositiveAmount, Text
from passport.model.party import Party

ROOT = Path(__file__).resolve().parents[2]
THREADS = 8
TURNS = 200


def models(base: type[DocumentModel] = DocumentModel) -> Iterator[type[DocumentModel]]:
    for model in base.__subclasses__():
        if model.__module__.split(".")[0] in ("passport", "verifier"):
            yield model
        yield from models(model)


def test_every_model_can_be_built() -> None:
    """What a definition has wrong would else be found by whoever reads the first such document."""
    for room in ("passport", "verifier"):
        for path in (ROOT / room).rglob("*.py"):
            if "DocumentModel" in path.read_text("utf-8"):
                importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
    found = set(models())
    assert {"Inventory", "Party", "WorkspaceSettings", "Trust"} <= {model.__name__ for model in found}
    for model in found:
        model.model_rebuild()
        assert model.__pydantic_complete__, model


def test_threads_may_read_the_first_document_of_a_kind_together() -> None:
    """None of them sees a model half built, by which it would refuse what is right or take what is wrong."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(THREADS) as pool:
            for _ in range(TURNS):
                assert read_together(pool) == [*range(1, THREADS), "Extra inputs are not permitted"]
    finally:
        sys.setswitchinterval(usual)


def read_together(pool: ThreadPoolExecutor) -> list[object]:
    """What each thread reads of a document whose model nobody has used; the last one's has a field too many."""

    class Owner(DocumentModel):
        name: Text

    class Parcel(DocumentModel):
        mass_kg: PositiveAmount
        owner: Owner

        @model_validator(mode="after")
        def _carried(self) -> Parcel:
            if self.mass_kg > 1000:
                raise ValueError("no parcel is as heavy")
            return self

    barrier = Barrier(THREADS)

    def read(number: int) -> object:
        document = {"massKg": str(number), "owner": {"name": "Acme"}}
        if number == THREADS:
            document["colour"] = "red"
        barrier.wait(timeout=60)
        try:
            return int(Parcel.model_validate(document).mass_kg)
        except ValidationError as error:
            (problem,) = error.errors()
            return problem["msg"]

    return list(pool.map(read, range(1, THREADS + 1)))


def test_a_model_that_nobody_has_used_reads_pickles() -> None:
    """A process may be handed a document before it has read one itself."""

    class Fresh(Party):
        pass

    party = Party(name="Acme", scheme="LEI", identifier="506700GE1G29325QX363", country="DE")
    state = party.__reduce_ex__(pickle.HIGHEST_PROTOCOL)[2]
    fresh = Fresh.__new__(Fresh)
    fresh.__setstate__(state)
    assert fresh.to_json() == party.to_json()
    with pytest.raises(ValidationError, match="Instance is frozen"):
        fresh.name = "Other"
