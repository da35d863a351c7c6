"""The command line on a real chain behind a node: deployed, joined, anchored on, audited; asked before gas is paid."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from anvil_node import Anvil, anvil_program, running
from cli_runs import ROOT, Copied, Done, Passport
from lying_node import lying

from passport.store import DocumentKind, Store

ROOT_LEI, ISSUER_LEI = "506700GE1G29325QX363", "5493001KJTIIGC8Y1R12"


@pytest.fixture(scope="module")
def node() -> Iterator[Anvil]:
    program = anvil_program()
    if program is None:
        pytest.skip("no anvil: npm ci in contracts/, for a platform that it has a binary for")
    with running(program, "--block-base-fee-per-gas", "1000000000") as started:
        yield started


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in, with a passphrase in a file."""
    monkeypatch.chdir(tmp_path)
    phrase = tmp_path / "phrase"
    os.close(os.open(phrase, os.O_CREAT | os.O_WRONLY, 0o600))
    phrase.write_text("correct horse battery staple\n")
    monkeypatch.setenv("PASSPORT_PASSPHRASE_SOURCE", f"file:{phrase}")
    return tmp_path


def init(passport: Passport, name: str, lei: str, *more: str) -> dict[str, str]:
    options = ("--name", name, "--scheme", "LEI", "--identifier", lei, "--country", "DE", "--host", f"{name}.example")
    done = passport("init", *options, "--workspace", name, *more, "--json")
    assert done.code == 0, done.err
    return done.json


def deploy(passport: Passport, node: Anvil, *more: str) -> Done:
    return passport(
        "chain", "deploy", "--url", node.url, "--finality", "instant", "--workspace", "root", *more, "--json"
    )


@pytest.mark.anvil
def test_from_deployment_to_an_anchored_checkpoint(passport: Passport, node: Anvil, here: Path) -> None:
    root = init(passport, "root", ROOT_LEI)
    tried = deploy(passport, node, "--dry-run")
    assert tried.code == 0, tried.err
    assert [cost["what"] for cost in tried.json["costs"]] == ["deploy IssuerRegistry", "deploy PassportLog"]
    ((price, rest),) = {divmod(cost["fee_wei"], cost["gas"]) for cost in tried.json["costs"]}
    assert (rest, price > 10**9) == (0, True)  # twice the base fee and a tip of 1 gwei
    poor = deploy(passport, node, "--yes")
    assert poor.code == 1
    assert "cannot pay" in poor.json["error"]["message"]
    for name in (root["controller"], root["anchoring"]):
        node.give(name)
    unasked = deploy(passport, node)
    assert unasked.code == 2
    assert "nothing was sent" in unasked.json["error"]["message"]
    assert int(node.ask("eth_getTransactionCount", root["controller"], "latest"), 16) == 0
    assert not Path("chain.json").exists()

    deployed = deploy(passport, node, "--yes")
    assert deployed.code == 0, deployed.err
    settings = json.loads(Path("chain.json").read_text("utf-8"))
    assert settings == deployed.json["chain"]
    assert (settings["driver"], settings["url"], settings["finality"]) == ("rpc", node.url, "instant")
    assert settings["root"] == root["controller"]
    trust = json.loads(Path("trust.json").read_text("utf-8"))
    assert trust["chains"][0]["genesis"] == settings["genesis"]
    again = deploy(passport, node, "--yes")
    assert again.code == 1
    assert "there already" in again.json["error"]["message"]

    acme = init(passport, "acme", ISSUER_LEI, "--chain", "chain.json")
    for name in (acme["controller"], acme["anchoring"]):
        node.give(name)
    for arguments in (
        ("registry", "register", "acme/registration.json", "--workspace", "root"),
        ("registry", "bind-key", "--workspace", "acme"),
        ("anchor", "--steady", "--workspace", "acme"),
    ):
        refused = passport(*arguments, "--json")
        assert (refused.code, "nothing was sent" in refused.json["error"]["message"]) == (2, True)
        done = passport(*arguments, "--yes", "--json")
        assert done.code == 0, done.err
        assert "at most 0.0" in done.err  # of the chain's coin
    # The node seals at once, but not before it has answered.
    while [checkpoint["state"] for checkpoint in done.json["checkpoints"]] == ["submitted"]:
        done = passport("anchor", "--workspace", "acme", "--yes", "--json")
    assert [checkpoint["state"] for checkpoint in done.json["checkpoints"]] == ["final"]

    status = passport("chain", "status", "--workspace", "acme", "--json").json
    assert (status["chain"], status["genesis"]) == (settings["chain"], settings["genesis"])
    assert status["log"] | {"issuer_id": ""} == {"issuer_id": "", "size": 256, "seq": 1, "not_final": 0}
    assert status["contracts"]["code"] == "as compiled"
    accounts = passport("chain", "accounts", "--workspace", "acme", "--json").json["accounts"]
    assert [(account["role"], account["sent"], account["waiting"]) for account in accounts] == [
        ("controller", 2, 0),
        ("anchoring", 1, 0),
    ]
    assert all(0 < 10**21 - account["balance_wei"] < 10**16 for account in accounts)
    shown = passport("chain", "status", "--workspace", "acme")
    assert "have the code of this version" in shown.out
    assert "256 leaves in 1 checkpoints" in shown.out


@pytest.mark.anvil
def test_a_bundle_of_a_chain_behind_a_node_is_judged_without_it(passport: Passport, node: Anvil, here: Path) -> None:
    """Issued, anchored, bundled with proofs that the node gave; then judged by the trust file alone."""

    def soon() -> datetime:
        """A moment after the newest block, which may be ahead of every clock."""
        return datetime.fromtimestamp(int(node.ask("eth_getBlockByNumber", "latest", False)["timestamp"], 16) + 2, UTC)

    root = init(passport, "root", ROOT_LEI)
    node.give(root["controller"])
    assert deploy(passport, node, "--yes").code == 0
    acme = init(passport, "acme", ISSUER_LEI, "--chain", "chain.json")
    for name in (acme["controller"], acme["anchoring"]):
        node.give(name)
    at_acme = ("--workspace", "acme", "--json")
    for arguments in (
        ("registry", "register", "acme/registration.json", "--yes", "--workspace", "root", "--json"),
        ("registry", "bind-key", "--yes", *at_acme),
        ("issue", str(ROOT / "docs" / "example" / "flour.yaml"), *at_acme),
        ("anchor", "--yes", *at_acme),
    ):
        done = passport(*arguments, at=soon())
        assert done.code == 0, done.err
    while done.json["checkpoints"][0]["state"] == "submitted":
        done = passport("anchor", *at_acme, at=soon())  # paid for already, so nobody is asked
        assert done.code == 0, done.err
    assert passport("trust", "-o", "late.json", "--workspace", "acme", at=soon()).code == 0
    trust = ("--trust", "late.json")
    flour = _only_passport(Path("acme"))
    made = passport("bundle", flour, "-o", "flour.bundle", *trust, "--workspace", "acme", at=soon())
    assert made.code == 0, made.err
    judged = passport("audit", "flour.bundle", *trust, "--json", at=soon())
    assert (judged.code, judged.json["verdict"]) == (0, "passed"), judged.out
    (record,) = judged.json["nodes"]
    outcomes = {check["id"]: check["outcome"] for check in record["checks"]}
    assert {outcomes[name] for name in ("inclusion", "consistency", "identity", "status")} == {"passed"}


def _only_passport(workspace: Path) -> str:
    with Store.open(workspace / "passport.db") as store:
        (ref,) = store.find_documents(DocumentKind.PASSPORT)
        return ref.document_id


@pytest.mark.anvil
def test_deploying_takes_the_accounts_turn(
    passport: Passport, node: Anvil, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who else sends with the controller's account waits, for each of the two transactions."""
    root = init(passport, "root", ROOT_LEI)
    node.give(root["controller"])
    taken: list[str] = []
    real = Store.sending

    def sending(store: Store, sender: str) -> AbstractContextManager[None]:
        taken.append(sender)
        return real(store, sender)

    monkeypatch.setattr(Store, "sending", sending)
    assert deploy(passport, node, "--yes").code == 0
    assert taken == [root["controller"]] * 2


@pytest.mark.anvil
def test_another_chain_at_the_same_address_is_refused(passport: Passport, node: Anvil, here: Path) -> None:
    root = init(passport, "root", ROOT_LEI)
    node.give(root["controller"])
    assert deploy(passport, node, "--yes").code == 0
    settings = json.loads(Path("root/workspace.json").read_text("utf-8"))
    settings["chain"]["genesis"] = "0x" + "ab" * 32
    Path("root/workspace.json").write_text(json.dumps(settings), "utf-8")
    refused = passport("anchor", "--steady", "--yes", "--workspace", "root", "--json")
    assert (refused.code, refused.json["error"]["class"]) == (3, "WrongChainError")
    settings["chain"] |= {"genesis": settings["chain"]["genesis"], "log": settings["chain"]["registry"]}
    Path("root/workspace.json").write_text(json.dumps(settings), "utf-8")
    refused = passport("chain", "status", "--workspace", "root", "--json")
    assert refused.json["error"]["class"] == "WrongChainError"


@pytest.mark.anvil
def test_an_address_with_a_secret_is_never_written_nor_shown(
    passport: Passport, node: Anvil, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = init(passport, "root", ROOT_LEI)
    node.give(root["controller"])
    secret = f"http://me:SECRET@127.0.0.1:{node.port}/?token=TOKEN"
    refused = passport("chain", "deploy", "--url", secret, "--finality", "instant", "--workspace", "root", "--yes")
    assert refused.code == 1
    assert "put the address into an environment variable" in refused.err
    monkeypatch.setenv("NODE_URL", secret)
    named = ("--url-variable", "NODE_URL", "--finality", "instant", "--workspace", "root")
    done = passport("chain", "deploy", *named, "--yes", "--verbose")
    assert done.code == 0, done.err
    status = passport("chain", "status", "--workspace", "root", "--verbose")
    monkeypatch.setenv("NODE_URL", secret.replace(str(node.port), "1"))
    unreachable = passport("chain", "status", "--workspace", "root", "--verbose", "--json")
    monkeypatch.delenv("NODE_URL")
    unset = passport("chain", "status", "--workspace", "root")
    assert (status.code, unreachable.code, unset.code) == (0, 3, 3)
    assert "NODE_URL: the environment holds no address of a node" in unset.err
    written = Path("chain.json").read_text("utf-8") + Path("root/workspace.json").read_text("utf-8")
    said = "".join(done.out + done.err for done in (refused, done, status, unreachable, unset))
    for word in ("SECRET", "TOKEN"):
        assert word not in written + said


def test_without_a_chain_an_audit_decides_nothing_that_needs_one(passport: Passport, world: Copied) -> None:
    """The driver is `dry`: what the documents show is judged, the rest is unknown; nothing passes as nobody asked."""
    auditor = world.folder / "auditor"
    settings = json.loads((auditor / "workspace.json").read_text("utf-8"))
    chain = {name: value for name, value in settings["chain"].items() if name != "file"}
    settings["chain"] = chain | {"driver": "dry", "format": "carbon-passport/chain/1.1"}
    (auditor / "workspace.json").write_text(json.dumps(settings), "utf-8")
    done = passport("audit", world.top, "--workspace", auditor, *world.trust, "--json")
    assert (done.code, done.json["verdict"]) == (3, "undecided")
    top = next(node for node in done.json["nodes"] if node["id"] == world.top or node["digest"] == world.top)
    outcomes = {check["id"]: check["outcome"] for check in top["checks"]}
    assert {outcomes[name] for name in ("inclusion", "consistency", "identity", "status")} == {"unknown"}
    assert outcomes["digest"] == "passed"


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"url": None}, "either a url, or a urlVariable, or providers"),
        ({"urlVariable": "NODE"}, "either a url, or a urlVariable, or providers"),
        ({"finality": None}, "needs its chain's finality"),
        ({"finality": "soon"}, "finality"),
        ({"url": "https://me:SECRET@node.example"}, "holds a secret"),
        ({"url": "https://node.example/?key=SECRET"}, "holds a secret"),
        ({"file": "chain.db"}, "a file is what the embedded driver has"),
        ({"format": "carbon-passport/chain/1.0"}, "came with carbon-passport/chain/1.1"),
        ({"driver": "dry"}, "driver dry has no finality, url"),
        ({"driver": "telnet"}, "driver"),
        ({"maxFeeWeiPerGas": 0}, "maxFeeWeiPerGas"),
        ({"urll": "https://node.example/SECRET"}, "urll"),
    ],
)
def test_settings_of_a_chain_that_do_not_hold(
    passport: Passport, here: Path, changed: dict[str, object], reason: str
) -> None:
    good = {
        "format": "carbon-passport/chain/1.1",
        "driver": "rpc",
        "url": "https://node.example",
        "finality": "depth:12",
        "chain": "eip155:1337",
        "genesis": "0x" + "11" * 32,
        **dict.fromkeys(("registry", "log", "root"), "0x52908400098527886E0F7030069857D2E4169EE7"),
    }
    document = {name: value for name, value in (good | changed).items() if value is not None}
    Path("chain.json").write_text(json.dumps(document), "utf-8")
    done = passport("init", "--auditor", "--chain", "chain.json", "--workspace", "audit")
    assert done.code == 1
    assert reason in done.err
    assert "SECRET" not in done.err
    Path("chain.json").write_text(json.dumps(good), "utf-8")
    assert passport("init", "--auditor", "--chain", "chain.json", "--workspace", "audit").code == 0


@pytest.mark.anvil
def test_a_lying_node_is_outvoted_and_named(
    passport: Passport, node: Anvil, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two honest nodes, and one that says every word of storage is zero: nobody registered, nothing anchored."""

    def soon() -> datetime:
        return datetime.fromtimestamp(int(node.ask("eth_getBlockByNumber", "latest", False)["timestamp"], 16) + 2, UTC)

    root = init(passport, "root", ROOT_LEI)
    node.give(root["controller"])
    assert deploy(passport, node, "--yes").code == 0
    acme = init(passport, "acme", ISSUER_LEI, "--chain", "chain.json")
    for name in (acme["controller"], acme["anchoring"]):
        node.give(name)
    one = passport("chain", "providers", "--workspace", "acme")
    assert (one.code, "one node is asked, and believed" in one.out) == (0, True)
    at_acme = ("--workspace", "acme", "--json")
    zero = {"eth_getStorageAt": lambda word: "0x" + "00" * 32}
    with lying(node.port, zero) as liar, lying(node.port, {}) as second:
        monkeypatch.setenv("SECOND_NODE", second.url)
        three = (f"ours={node.url}", "theirs=env:SECOND_NODE", f"public={liar.url}")
        chosen = passport("chain", "providers", *three, "--threshold", "2", "-o", "several.json", *at_acme)
        assert chosen.code == 0, chosen.err
        assert [row["name"] for row in chosen.json["providers"]] == ["ours", "theirs", "public"]
        written = json.loads(Path("several.json").read_text("utf-8"))
        assert (written["format"], written["threshold"]) == ("carbon-passport/chain/1.2", 2)
        assert written == json.loads(Path("acme/workspace.json").read_text("utf-8"))["chain"]
        assert written["providers"][1] == {"name": "theirs", "urlVariable": "SECOND_NODE"}
        for arguments in (
            ("register", "acme/registration.json", "--yes", "--workspace", "root", "--json"),
            ("register", "--bind", "--yes", *at_acme),
            ("issue", str(ROOT / "docs" / "example" / "flour.yaml"), *at_acme),
            ("anchor", "--yes", *at_acme),
        ):
            done = passport(*arguments, at=soon())
            assert done.code == 0, done.err
        while done.json["checkpoints"][0]["state"] == "submitted":
            done = passport("anchor", "--yes", *at_acme, at=soon())
            assert done.code == 0, done.err
        flour, trust = _only_passport(Path("acme")), ("--trust", "trust.json")
        told = liar.told
        judged = passport("audit", flour, *trust, *at_acme, at=soon())
        assert liar.told > told  # it was asked, and lied
        assert (judged.code, judged.json["verdict"]) == (0, "passed"), judged.out
        notes = [note for note in judged.json["notes"] if note["code"] == "providers_disagree"]
        assert len(notes) > 4  # the head, the checkpoint, the entity, the key and its window at least
        assert all("public says 0x0" in note["text"] and "(enough agree)" in note["text"] for note in notes)
        shown = passport("audit", flour, *trust, "--workspace", "acme", at=soon())
        assert "public says 0x0" in shown.out + shown.err

        # Believed alone, the liar would have the passport fail; two of two with it decide nothing.
        alone = json.loads(Path("chain.json").read_text("utf-8")) | {"url": liar.url}
        _use(Path("acme"), alone)
        assert passport("audit", flour, *trust, *at_acme, at=soon()).json["verdict"] == "failed"
        pair = {key: value for key, value in written.items() if key != "providers"} | {
            "providers": [written["providers"][0], written["providers"][2]]
        }
        _use(Path("acme"), pair)
        split = passport("audit", flour, *trust, *at_acme, at=soon())
        assert (split.code, split.json["verdict"]) == (3, "undecided")
        reason = next(check["reason"] for check in split.json["nodes"][0]["checks"] if check["id"] == "inclusion")
        assert "too few providers agree: ours says 0x" in reason
        assert "public says 0x0" in reason

        # One that is not there, and one of another chain, hold nobody up and are named.
        gone = {"name": "gone", "url": "http://127.0.0.1:1"}
        with lying(node.port, {"eth_chainId": lambda number: "0x1"}) as elsewhere, lying(node.port, {}) as last:
            other = {"name": "elsewhere", "url": elsewhere.url}
            five = {"providers": [*written["providers"][:2], gone, other, {"name": "third", "url": last.url}]}
            _use(Path("acme"), written | five | {"threshold": 3})
            judged = passport("audit", flour, *trust, *at_acme, at=soon())
            assert (judged.code, judged.json["verdict"]) == (0, "passed"), judged.out
            silent = [note["text"] for note in judged.json["notes"] if note["code"] == "provider_silent"]
            assert "gone gave no answer: " in silent[0]
            assert "the node does not answer" in silent[0]
            assert "elsewhere gave no answer: " in silent[1]
            assert "another chain answers at the node's address" in silent[1]
            status = passport("chain", "providers", *at_acme).json
            assert [row["problem"] is None for row in status["providers"]] == [True, True, False, False, True]


def _use(workspace: Path, chain: dict[str, object]) -> None:
    """Have a workspace speak to the chain by other settings."""
    path = workspace / "workspace.json"
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | {"chain": chain}), "utf-8")


@pytest.mark.anvil
def test_providers_that_are_no_choice(passport: Passport, node: Anvil, here: Path) -> None:
    root = init(passport, "root", ROOT_LEI)
    assert "the workspace knows no chain" in passport("chain", "providers", "--workspace", "root").err
    node.give(root["controller"])
    assert deploy(passport, node, "--yes").code == 0
    before = Path("root/workspace.json").read_bytes()
    twice = "two providers have the same name or address"
    for arguments, code, reason in (
        ((f"ours={node.url}", f"theirs={node.url}"), 2, twice),
        ((f"ours={node.url}", "ours=http://127.0.0.1:2"), 2, twice),
        ((f"ours={node.url}", "theirs=http://127.0.0.1:2", "--threshold", "1"), 2, "must be more than half: 2 to 2"),
        ((f"ours={node.url}",), 2, "at least 2 items"),
        ((f"Ours={node.url}", "theirs=http://127.0.0.1:2"), 2, "a name of lower-case letters"),
        (("ours", "theirs=http://127.0.0.1:2"), 2, "NAME=ADDRESS"),
        ((f"ours={node.url}", "theirs=https://me:KEY@node.example"), 1, "the node's address holds a secret"),
        ((f"ours={node.url}", "theirs=http://127.0.0.1:2"), 3, "theirs gives no answer"),
        (("--threshold", "2"), 2, "no providers to choose among"),
    ):
        done = passport("chain", "providers", *arguments, "--workspace", "root", "--json")
        assert (done.code, reason in done.out) == (code, True), done.out
        assert "KEY" not in done.out + done.err
    assert Path("root/workspace.json").read_bytes() == before


@pytest.mark.anvil
def test_a_clock_behind_the_chain_is_told(passport: Passport, node: Anvil, here: Path) -> None:
    """What is signed by it would be dated before the blocks that are there."""
    root = init(passport, "root", ROOT_LEI)
    node.give(root["controller"])
    assert deploy(passport, node, "--yes").code == 0
    newest = int(node.ask("eth_getBlockByNumber", "latest", False)["timestamp"], 16)
    behind = datetime.fromtimestamp(newest - 3600, UTC)
    assert passport("chain", "status", "--workspace", "root", "--json", at=behind).json["clock_drift_s"] == -3600
    said = passport("chain", "status", "--workspace", "root", at=behind).out
    assert "this machine's clock is 3600 s behind the newest block: set it right before you issue" in said
