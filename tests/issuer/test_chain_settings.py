"""`chain.json`: the ways to reach a chain; what contradicts itself is refused before anything is reached."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from passport.errors import LedgerError, SchemaError
from passport.ledger import ChainRef
from passport.workspace.chain import reach_providers
from passport.workspace.settings import ChainSettings, read_chain_settings

PLACE = {
    "chain": "eip155:31337",
    "genesis": "0x" + "25" * 32,
    "registry": "0x" + "11" * 20,
    "log": "0x" + "22" * 20,
    "root": "0x" + "33" * 20,
}
ONE = {"format": "carbon-passport/chain/1.1", "driver": "rpc", "finality": "finalized", "url": "https://a.example"}
A, B, C = ({"name": name, "url": f"https://{name}.example"} for name in "abc")
SEVERAL = {
    "format": "carbon-passport/chain/1.2",
    "driver": "rpc",
    "finality": "finalized",
    "providers": [A, B, {"name": "c", "urlVariable": "NODE_C"}],
    "threshold": 2,
}


def read(tmp_path: Path, settings: dict[str, Any], **changes: Any) -> ChainSettings:
    path = tmp_path / "chain.json"
    document = {key: value for key, value in {**PLACE, **settings, **changes}.items() if value is not None}
    path.write_text(json.dumps(document), "utf-8")
    return read_chain_settings(path, tmp_path)


def test_one_node_and_several(tmp_path: Path) -> None:
    assert read(tmp_path, ONE).url == "https://a.example"
    assert read(tmp_path, ONE, format="carbon-passport/chain/1.2").providers is None  # the newer format, the older way
    several = read(tmp_path, SEVERAL)
    assert [provider.name for provider in several.providers or ()] == ["a", "b", "c"]
    assert several.threshold == 2
    assert several.to_json() == {**PLACE, **SEVERAL}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"format": "carbon-passport/chain/1.1"}, "providers came with carbon-passport/chain/1.2"),
        ({"format": "carbon-passport/chain/1.3"}, "Input should be 'carbon-passport/chain/1.0'"),
        ({"url": "https://d.example"}, "either a url, or a urlVariable, or providers"),
        ({"providers": None, "threshold": None}, "either a url, or a urlVariable, or providers"),
        ({"threshold": None}, "providers and a threshold go together"),
        ({"threshold": 1}, "more than half: 2 to 3 of 3 providers"),
        ({"threshold": 4}, "more than half: 2 to 3 of 3 providers"),
        ({"providers": [A, B], "threshold": 1}, "more than half: 2 to 2 of 2 providers"),
        ({"providers": [A]}, "at least 2 items"),
        ({"providers": [A, B, A]}, "one node would count twice"),
        ({"providers": [A, B, {**C, "url": A["url"]}]}, "one node would count twice"),
        ({"providers": [A, B, {**C, "url": A["url"] + "/"}]}, "one node would count twice"),
        (
            {"providers": [A, B, {**C, "url": A["url"].upper().replace("HTTPS:", "https:")}]},
            "one node would count twice",
        ),
        ({"providers": [A, B, {**C, "name": "a"}]}, "one node would count twice"),
        ({"providers": [A, B, {"name": "c"}]}, "a provider has either a url or a urlVariable"),
        ({"providers": [A, B, {**C, "urlVariable": "NODE_C"}]}, "a provider has either a url or a urlVariable"),
        ({"providers": [A, B, {**C, "name": "C c"}]}, "should match pattern"),
        ({"providers": [A, B, {**C, "weight": 2}]}, "Extra inputs are not permitted"),
        (
            {"providers": [{"name": f"n{number}", "url": f"https://n{number}"} for number in range(17)]},
            "at most 16 items",
        ),
        ({"driver": "embedded", "file": "chain.db"}, "driver embedded has no finality, providers, threshold"),
    ],
    ids=lambda value: str(value)[:40] if isinstance(value, str) else None,
)
def test_providers_that_contradict_themselves(tmp_path: Path, changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(SchemaError) as told:
        read(tmp_path, SEVERAL, **changes)
    assert reason in told.value.message
    assert "example" not in str(told.value)  # an address may hold a key


def test_a_secret_in_a_providers_address(tmp_path: Path) -> None:
    with pytest.raises(SchemaError, match="the node's address holds a secret") as told:
        read(tmp_path, SEVERAL, providers=[A, B, {**C, "url": "https://me:KEY@c.example"}])
    assert "KEY" not in str(told.value)


def test_what_variables_hold(tmp_path: Path) -> None:
    """Two that hold one address are found when it is looked up; the address itself is not told."""
    settings = read(tmp_path, SEVERAL)
    expected = ChainRef(settings.chain, settings.genesis)

    def clock() -> datetime:
        return datetime(2026, 11, 22, tzinfo=UTC)

    with pytest.raises(LedgerError, match=r"NODE_C: the environment holds no address of a node"):
        reach_providers(settings, expected, clock=clock, environment={})
    with pytest.raises(LedgerError, match=r"the same address: one node would count twice; found a, c"):
        reach_providers(settings, expected, clock=clock, environment={"NODE_C": "https://a.example"})
    with reach_providers(settings, expected, clock=clock, environment={"NODE_C": "https://c.example"}) as several:
        assert several.place == "2 of 3: a, b, c"
        assert several.chain == expected
        assert several.problems == {}  # nobody was asked yet


def test_a_file_whose_path_is_none(tmp_path: Path) -> None:
    """No file system has a name with a zero byte; looking for it raises what nobody above expects."""
    embedded = {"driver": "embedded", "file": "a\0b"}
    with pytest.raises(SchemaError, match="file: not the path of a chain's file"):
        read(tmp_path, embedded)
