"""Registrars, controllers, links and evidence by the command line: who may, and what the chain then holds."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from cli_runs import Passport
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from eth_account import Account as EthAccount
from eth_account.messages import encode_typed_data

from passport.ledger import issuer_id

# LEIs as published by GLEIF; they stand here for made-up companies.
ROOT, OFFICE, ACME, OTHER = (
    "999900NORTHQUA000161",
    "999900KITANAMI000191",
    "5493001KJTIIGC8Y1R12",
    "506700GE1G29325QX363",
)
WEEK = timedelta(days=7)

Run = Callable[..., dict[str, Any]]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in, with a passphrase in a file."""
    monkeypatch.chdir(tmp_path)
    phrase = tmp_path / "phrase"
    phrase.write_text("correct horse battery staple\n")
    phrase.chmod(0o600)
    monkeypatch.setenv("PASSPORT_PASSPHRASE_SOURCE", f"file:{phrase}")
    return tmp_path


@pytest.fixture
def run(passport: Passport, now: datetime) -> Run:
    """Run a command that works; what it says as JSON."""

    def run(*arguments: object, at: datetime = now) -> dict[str, Any]:
        done = passport(*arguments, "--json", at=at)
        assert done.code == 0, done.err
        return done.json

    return run


def found(run: Run, name: str, lei: str, *more: object) -> dict[str, Any]:
    entity = ("--scheme", "LEI", "--identifier", lei, "--name", name.title(), "--country", "DE")
    return run("init", "--workspace", name, *entity, "--host", f"{name}.example", *more)


def shown(run: Run, lei: str) -> dict[str, Any]:
    return run("registry", "show", f"LEI:{lei}", "--workspace", "root")


def settings(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(Path(name, "workspace.json").read_bytes())
    return loaded


@pytest.fixture
def offices(here: Path, run: Run) -> Path:
    """A root, an office that it accredited by the command, and a company that the office registered."""
    found(run, "root", ROOT, "--new-chain", "chain")
    join = ("--chain", "chain/chain.json")
    found(run, "office", OFFICE, *join)
    found(run, "acme", ACME, *join)
    run("registry", "register", "office/registration.json", "--workspace", "root")
    done = run("registry", "accredit", f"LEI:{OFFICE}", "--workspace", "root")
    assert (done["registrar"], done["accreditor"]) == (settings("office")["controller"], settings("root")["controller"])
    run("registry", "register", "acme/registration.json", "--workspace", "office")
    run("registry", "bind-key", "--workspace", "acme")
    return here


def test_an_accredited_account_vouches_and_is_withdrawn(
    offices: Path, run: Run, passport: Passport, now: datetime
) -> None:
    """What it registered counts up to the root; withdrawn from before, it does not, and nothing lets it in again."""
    office = settings("office")["controller"]
    account = settings("acme")["anchoring"]
    (answer,) = run("who", account, "--workspace", "root", "--trust", _trust(run))["accountable"]
    assert [each["address"] for each in answer["registrars"]] == [office, settings("root")["controller"]]
    assert shown(run, OFFICE)["accreditation"]["bad_from"] is None
    again = passport("registry", "accredit", f"LEI:{OFFICE}", "--workspace", "root")
    assert (again.code, f"{office} was accredited before, and an account is accredited once" in again.err) == (1, True)
    since = (now - timedelta(days=1)).isoformat()
    theirs = passport("registry", "withdraw", office, "--since", since, "--workspace", "acme")
    assert (theirs.code, "its accreditor or the root has to send this" in theirs.err) == (1, True)
    run("registry", "withdraw", office, "--since", since, "--workspace", "root")
    assert shown(run, OFFICE)["accreditation"]["bad_from"] == int((now - timedelta(days=1)).timestamp())
    done = passport("who", account, "--workspace", "root", "--trust", "trust.json")
    assert (done.code, "what it did from" in done.out) == (1, True)
    later = passport("registry", "withdraw", office, "--since", now.isoformat(), "--workspace", "root")
    assert (later.code, "a report reaches back and is never taken back" in later.err) == (1, True)


def _trust(run: Run) -> str:
    run("trust", "-o", "trust.json", "--workspace", "root")
    return "trust.json"


def test_a_registrar_vouches_neither_for_itself_nor_for_a_stranger(offices: Path, run: Run, passport: Passport) -> None:
    own = passport(
        "registry", "accredit", f"LEI:{OFFICE}", "--account", settings("office")["anchoring"], "--workspace", "office"
    )
    assert (own.code, "the legal entity that answers for it" in own.err) == (1, True)
    account = settings("root")["controller"]
    other = passport("registry", "accredit", f"LEI:{ACME}", "--account", account, "--workspace", "office")
    assert (other.code, "was accredited before" in other.err) == (1, True)
    stranger = settings("office")["anchoring"]
    unbound = passport("registry", "accredit", f"LEI:{ACME}", "--account", stranger, "--workspace", "root")
    assert (unbound.code, "that entity never agreed to answer for it" in unbound.err) == (1, True)
    nobody = passport("registry", "accredit", f"LEI:{OTHER}", "--workspace", "root")
    assert (nobody.code, "nobody is registered by that name" in nobody.err) == (3, True)


def test_annulled_freed_and_restored(offices: Path, run: Run, passport: Passport, now: datetime) -> None:
    """Void from the registration on, by the one above; until somebody is registered anew the root takes it back."""
    at = ("--workspace", "root")
    own = passport("registry", "annul", f"LEI:{ACME}", "--since", "registration", "--workspace", "office")
    assert (own.code, "IssuerUnauthorized" in own.err) == (1, True)
    tried = run("registry", "annul", f"LEI:{ACME}", "--since", "registration", *at, "--dry-run")
    (cost,) = tried["costs"]
    assert 25_000 < cost["gas"] < 80_000
    registered_at = shown(run, ACME)["registered_at"]
    done = run("registry", "annul", f"LEI:{ACME}", "--since", "registration", *at)
    assert (done["issuer_id"], done["void_from"], done["identifier_is_free"]) == (
        issuer_id("LEI", ACME),
        registered_at,
        True,
    )
    gone = passport("registry", "show", f"LEI:{ACME}", *at)
    assert (gone.code, "annulled, and nobody is registered by that name since" in gone.err) == (3, True)
    assert issuer_id("LEI", ACME) in gone.err
    assert run("registry", "show", issuer_id("LEI", ACME), *at)["void_from"] == registered_at
    refused = passport("registry", "restore", f"LEI:{ACME}", "--workspace", "office")
    assert (refused.code, "is not the root registrar" in refused.err) == (1, True)
    run("registry", "restore", f"LEI:{ACME}", *at)
    assert shown(run, ACME)["void_from"] is None
    nothing = passport("registry", "restore", f"LEI:{ACME}", *at)
    assert (nothing.code, "no registration of that identifier is annulled last" in nothing.err) == (3, True)


def test_after_a_new_registration_the_name_means_the_one_in_force(offices: Path, run: Run, passport: Passport) -> None:
    at = ("--workspace", "root")
    run("registry", "annul", f"LEI:{ACME}", "--since", "registration", *at)
    run("registry", "register", "acme/registration.json", "--workspace", "office")
    done = passport("registry", "show", f"LEI:{ACME}", *at)
    assert (done.code, f"annulled: {issuer_id('LEI', ACME)}" in done.err) == (0, True)
    assert shown(run, ACME)["issuer_id"] == issuer_id("LEI", ACME, 1)
    run("registry", "bind-key", "--workspace", "acme")
    old, new = (each["key"] for each in shown_own(run) if each["role"] == "anchoring")
    bound = {each["key"]: each["bound"] for each in shown_own(run)}
    assert (bound[old], bound[new]) == (False, True)  # the old one is bound to what was annulled
    taken = passport("registry", "restore", f"LEI:{ACME}", *at)
    assert taken.code == 3
    code, answers = who(passport, f"LEI:{ACME}", _trust(run))
    assert (code, answers["accountable"][0]["entity"]["issuer_id"]) == (0, issuer_id("LEI", ACME, 1))
    assert [each["issuer_id"] for each in answers["annulled"]] == [issuer_id("LEI", ACME)]
    code, answers = who(passport, issuer_id("LEI", ACME), "trust.json")
    assert (code, answers["accountable"][0]["good"]) == (1, False)


def shown_own(run: Run) -> list[dict[str, Any]]:
    keys: list[dict[str, Any]] = run("registry", "show", "--workspace", "acme")["keys"]
    return keys


def who(passport: Passport, name: str, trust: str) -> tuple[int, dict[str, Any]]:
    done = passport("who", name, "--workspace", "root", "--trust", trust, "--json")
    return done.code, done.json


def test_who_says_that_a_name_was_annulled(offices: Path, run: Run, passport: Passport) -> None:
    trust = _trust(run)
    run("registry", "annul", f"LEI:{ACME}", "--since", "registration", "--workspace", "root")
    done = passport("who", f"LEI:{ACME}", "--workspace", "root", "--trust", trust)
    assert (done.code, "annulled, and nobody is registered by that name since" in done.err) == (3, True)
    never = passport("who", f"LEI:{OTHER}", "--workspace", "root", "--trust", trust)
    assert (never.code, "nobody is registered by that name" in never.err) == (3, True)


def test_a_lost_controller_is_replaced_after_a_week(offices: Path, run: Run, passport: Passport, now: datetime) -> None:
    """Not before, by anybody then; the new workspace binds keys of its own, and `who` goes on naming the recovery."""
    found(run, "anew", ACME, "--chain", "chain/chain.json")
    new = settings("anew")["controller"]
    old = settings("acme")["controller"]
    stranger = passport("registry", "request-recovery", f"LEI:{ACME}", new, "--workspace", "acme")
    assert (stranger.code, "may not do this" in stranger.err) == (1, True)
    asked = run("registry", "request-recovery", f"LEI:{ACME}", new, "--workspace", "office")
    assert (asked["recovery"]["state"], asked["controller"]) == ("pending", old)
    due = asked["recovery"]["executable_from"]
    assert due - asked["recovery"]["requested_at"] == 7 * 24 * 3600
    soon = passport("registry", "execute-recovery", f"LEI:{ACME}", "--workspace", "anew")
    assert (soon.code, "the controller may veto until" in soon.err) == (1, True)
    assert shown(run, ACME)["controller"] == old
    trust = _trust(run)
    page = passport("who", f"LEI:{ACME}", "--workspace", "root", "--trust", trust)
    assert (page.code, f"pending  {new}" in page.out) == (0, True)
    assert "executed" not in page.out
    done = run("registry", "execute-recovery", f"LEI:{ACME}", "--workspace", "anew", at=now + WEEK + timedelta(hours=1))
    assert (done["recovery"]["state"], done["controller"]) == ("executed", new)
    _, answers = who(passport, f"LEI:{ACME}", trust)
    assert [each["state"] for each in answers["accountable"][0]["entity"]["recoveries"]] == ["executed"]
    assert done["recovery"]["requester_was_good"] is True
    run("registry", "bind-key", "--workspace", "anew", at=now + WEEK + timedelta(hours=2))
    late = passport("registry", "bind-key", "--workspace", "acme", at=now + WEEK + timedelta(hours=2))
    assert late.code == 0  # bound before: there is nothing to send
    retired = passport("registry", "retire-key", settings("acme")["anchoring"], "--workspace", "acme")
    assert (retired.code, "IssuerUnauthorized" in retired.err) == (1, True)


def test_a_vetoed_recovery_is_shown_as_vetoed_whatever_time_passes(
    offices: Path, run: Run, passport: Passport, now: datetime
) -> None:
    found(run, "thief", OTHER, "--chain", "chain/chain.json")
    new, old = settings("thief")["controller"], settings("acme")["controller"]
    run("registry", "request-recovery", f"LEI:{ACME}", new, "--workspace", "office")
    other = passport("registry", "veto-recovery", f"LEI:{ACME}", "--workspace", "thief")
    assert (other.code, "may not do this" in other.err) == (1, True)
    vetoed = run("registry", "veto-recovery", "--workspace", "acme")
    assert (vetoed["recovery"]["state"], vetoed["controller"]) == ("vetoed", old)
    much_later = now + 2 * WEEK
    late = passport("registry", "execute-recovery", f"LEI:{ACME}", "--workspace", "thief", at=much_later)
    assert (late.code, "no recovery" in late.err) == (1, True)
    assert shown(run, ACME)["controller"] == old
    page = passport("who", f"LEI:{ACME}", "--workspace", "root", "--trust", _trust(run), at=much_later)
    assert (page.code, f"vetoed  {new}" in page.out, "executed" in page.out) == (0, True, False)
    again = passport("registry", "veto-recovery", "--workspace", "acme")
    assert (again.code, "no recovery" in again.err) == (1, True)


def test_a_controller_hands_over_and_can_do_nothing_more(offices: Path, run: Run, passport: Passport) -> None:
    """What stands at the new address is said; handing over refuses the recovery that is pending."""
    found(run, "wallet", OTHER, "--chain", "chain/chain.json")
    new = settings("wallet")["controller"]
    run("registry", "request-recovery", f"LEI:{ACME}", settings("wallet")["anchoring"], "--workspace", "office")
    done = passport("registry", "set-controller", new, "--workspace", "acme")
    assert (done.code, f"controlled by {new}" in done.out) == (0, True)
    assert "has no code and never sent anything" in done.err
    assert "handing over refuses it" in done.err
    entity = shown(run, ACME)
    assert (entity["controller"], entity["recoveries"][0]["state"]) == (new, "vetoed")
    back = passport("registry", "set-controller", settings("acme")["controller"], "--workspace", "acme")
    assert (back.code, "may not do this" in back.err) == (1, True)
    suspended = run("registry", "suspend", f"LEI:{ACME}", "--workspace", "office")
    assert suspended["done"] == f"suspend LEI:{ACME}"


@pytest.mark.parametrize(
    "case", ["another case", "a digit changed", "the registry itself", "a Cyrillic letter", "short"]
)
def test_a_mistyped_controller_is_refused_before_anything_is_sent(
    offices: Path, run: Run, passport: Passport, case: str
) -> None:
    """Nothing takes a handover back, so the address comes in its EIP-55 spelling; our own contracts send nothing."""
    good = settings("office")["controller"]
    bad, said = {
        "another case": (good.lower(), "EIP-55"),
        "a digit changed": (good[:-1] + ("0" if good[-1] != "0" else "1"), "EIP-55"),
        "the registry itself": (settings("root")["chain"]["registry"], "whoever it controls is lost"),
        "a Cyrillic letter": (good[:-1] + "а", "not an account address"),
        "short": (good[:-2], "not an account address"),
    }[case]
    for command in (("set-controller", bad), ("request-recovery", f"LEI:{ACME}", bad)):
        done = passport("registry", *command, "--workspace", "acme")
        assert (done.code != 0, said in done.err) == (True, True), done.err
    assert shown(run, ACME)["controller"] == settings("acme")["controller"]
    assert shown(run, ACME)["recoveries"] == []


def test_a_contract_is_named_as_one(offices: Path, run: Run, passport: Passport) -> None:
    """Some contract that stands on the chain: here the judge of organisation keys that the registry made."""
    from contracts import load
    from passport.ledger.transactions import read_contract
    from passport.workspace import Workspace

    with Workspace.open(offices / "acme", clock=lambda: datetime.fromisoformat("2026-11-22T10:00:00+00:00")) as opened:
        judge = read_contract(opened.ledger, load("IssuerRegistry"), opened.chain.registry, "organisationKeys")
    done = passport("registry", "set-controller", judge, "--workspace", "acme", "--dry-run")
    assert (done.code, "is a contract: it must be able to send calls" in done.err) == (0, True)


def test_two_identifiers_of_one_company_are_linked(offices: Path, run: Run, passport: Passport) -> None:
    """Agreed by the controller of both, confirmed by the registrar; a suspension of the primary counts for both."""
    request = json.loads(Path("acme/registration.json").read_bytes())
    second = request | {"party": request["party"] | {"identifier": OTHER}}
    Path("second.json").write_text(json.dumps(second), "utf-8")
    run("registry", "register", "second.json", "--workspace", "office")
    names = (f"LEI:{OTHER}", f"LEI:{ACME}")
    early = passport("registry", "link", *names, "--workspace", "office")
    assert (early.code, "the present controller of both has not agreed" in early.err) == (1, True)
    asked = run("registry", "request-link", *names, "--workspace", "acme")
    assert (asked["link"]["primary_id"], asked["link"]["linked_at"]) == (issuer_id("LEI", ACME), None)
    entity = shown(run, OTHER)
    assert (entity["linked_to"], entity["link_requested_to"]) == (None, issuer_id("LEI", ACME))
    done = run("registry", "link", *names, "--workspace", "office")
    assert done["link"]["linked_at"] is not None
    assert shown(run, OTHER)["linked_to"] == issuer_id("LEI", ACME)
    again = passport("registry", "link", *names, "--workspace", "office")
    assert (again.code, "is in a link already" in again.err) == (1, True)
    run("registry", "suspend", f"LEI:{ACME}", "--workspace", "office")
    code, answer = who(passport, f"LEI:{OTHER}", _trust(run))
    assert (code, "the primary of" in answer["accountable"][0]["entity"]["reason"]) == (1, True)


def test_roles_and_evidence(offices: Path, run: Run, passport: Passport) -> None:
    at = ("--workspace", "office")
    assert run("registry", "set-roles", f"LEI:{ACME}", "recycler", "node-operator", *at)["roles"] == [
        "RECYCLER",
        "NODE_OPERATOR",
    ]
    assert run("registry", "set-roles", f"LEI:{ACME}", "none", *at)["roles"] == []
    wrong = passport("registry", "set-roles", f"LEI:{ACME}", "king", *at)
    assert (wrong.code, "no such role" in wrong.err) == (2, True)
    Path("extract.pdf").write_bytes(b"an extract of the register")
    done = run("registry", "update-evidence", f"LEI:{ACME}", "extract.pdf", *at)
    assert done["evidence_hash"] == "0x" + sha256(b"an extract of the register").hexdigest()
    assert shown(run, ACME)["evidence_hash"] == done["evidence_hash"]
    signed = passport("registry", "update-evidence", f"LEI:{ACME}", "extract.pdf", "--identity-anchor", *at)
    assert signed.code == 1
    long = passport("registry", "update-evidence", f"LEI:{ACME}", "extract.pdf", "--evidence-uri", "x" * 2049, *at)
    assert (long.code, "longer than 2,048" in long.err) == (1, True)


@pytest.mark.parametrize("kind", ["rsa", "p256"])
def test_an_organisation_key_signs_for_the_controller(offices: Path, run: Run, passport: Passport, kind: str) -> None:
    """Another library's signature over the 66 bytes; the key's hash is what openssl prints of its public part."""
    at = ("--workspace", "acme")
    run("registry", "organisation-message", "-o", "message.bin", *at)
    message = Path("message.bin").read_bytes()
    assert (len(message), message[:2]) == (66, b"\x19\x01")
    key: Any = rsa.generate_private_key(65537, 2048) if kind == "rsa" else ec.generate_private_key(ec.SECP256R1())

    def sign(what: bytes) -> bytes:
        if kind == "rsa":
            return bytes(key.sign(what, padding.PKCS1v15(), hashes.SHA256()))
        return bytes(key.sign(what, ec.ECDSA(hashes.SHA256())))

    encodings = serialization.Encoding, serialization.PublicFormat.SubjectPublicKeyInfo
    Path("key.pem").write_bytes(key.public_key().public_bytes(encodings[0].PEM, encodings[1]))
    Path("signature.bin").write_bytes(sign(message[:-1] + b"\x00"))
    asked = ("registry", "prove-organisation-key", "--key", "key.pem", "--signature", "signature.bin", *at)
    forged = passport(*asked)
    assert (forged.code, "not that key's over the message" in forged.err) == (1, True)
    assert run("registry", "show", *at)["organisation_key"] is None
    Path("signature.bin").write_bytes(sign(message))
    der = key.public_key().public_bytes(encodings[0].DER, encodings[1])
    assert run(*asked)["key_hash"] == "0x" + sha256(der).hexdigest()
    assert run("registry", "show", *at)["organisation_key"]["controller"] == settings("acme")["controller"]


def test_an_organisation_key_of_another_kind(offices: Path, passport: Passport) -> None:
    key = ec.generate_private_key(ec.SECP384R1())
    pem = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    Path("key.pem").write_bytes(pem)
    Path("signature.bin").write_bytes(b"\x00" * 64)
    asked = ("registry", "prove-organisation-key", "--signature", "signature.bin", "--workspace", "acme", "--key")
    done = passport(*asked, "key.pem")
    assert (done.code, "takes no such organisation key" in done.err) == (3, True)
    Path("key.pem").write_bytes(b"no key")
    done = passport(*asked, "key.pem")
    assert (done.code, "not a public key or certificate" in done.err) == (3, True)


def test_an_account_whose_key_is_elsewhere_is_bound_by_its_signature(
    offices: Path, run: Run, passport: Passport
) -> None:
    """The typed data is what another wallet's library signs; another's signature is refused."""
    at = ("--workspace", "acme")
    wallet, stranger = EthAccount.from_key(b"\x07" * 32), EthAccount.from_key(b"\x08" * 32)
    typed = run("registry", "account-message", wallet.address, "--purpose", "anchor", *at)["typed_data"]
    assert typed["message"]["purposes"] == "1"
    forged = stranger.sign_message(encode_typed_data(full_message=typed)).signature.hex()
    asked = ("registry", "bind-account", wallet.address, "--purpose", "anchor", *at, "--signature")
    refused = passport(*asked, "0x" + forged.removeprefix("0x"))
    assert (refused.code, f"the signature is not {wallet.address}'s over this binding" in refused.err) == (1, True)
    signed = wallet.sign_message(encode_typed_data(full_message=typed)).signature.hex()
    done = run(*asked, "0x" + signed.removeprefix("0x"))
    assert (done["account"], done["purposes"]) == (wallet.address, ["ANCHOR"])
    again = passport(*asked, "0x" + signed.removeprefix("0x"))
    assert (again.code, "once and for ever" in again.err) == (1, True)
    for bad in ("0xabc", "1234", "0x" + "00" * 5000):
        assert passport(*asked, bad).code == 2


def test_a_pause_stops_what_is_new_and_no_warning(offices: Path, run: Run, passport: Passport) -> None:
    guardian = settings("office")["controller"]
    stranger = passport("chain", "pause", "registry", "--workspace", "office")
    assert (stranger.code, "neither the guardian nor the root" in stranger.err) == (1, True)
    run("registry", "set-guardian", guardian, "--workspace", "root")
    run("chain", "pause", "registry", "--workspace", "office")
    request = json.loads(Path("acme/registration.json").read_bytes())
    Path("second.json").write_text(json.dumps(request | {"party": request["party"] | {"identifier": OTHER}}), "utf-8")
    refused = passport("registry", "register", "second.json", "--workspace", "office")
    assert (refused.code, "while this contract is paused" in refused.err) == (1, True)
    run("registry", "suspend", f"LEI:{ACME}", "--workspace", "office")
    early = passport("chain", "unpause", "registry", "--workspace", "office")
    assert (early.code, "it never asked" in early.err) == (1, True)
    run("chain", "request-unpause", "registry", "--workspace", "office")
    run("chain", "unpause", "registry", "--workspace", "root")
    run("registry", "set-guardian", "none", "--workspace", "root")
    gone = passport("chain", "pause", "log", "--workspace", "office")
    assert gone.code == 1
    run("chain", "pause", "log", "--workspace", "root")
    run("chain", "unpause", "log", "--workspace", "root")


def test_a_wallet_of_several_people_is_given_the_call(offices: Path, run: Run) -> None:
    """Nothing is sent, no key is opened, and the calldata is what the contract's ABI has."""
    from contracts import load
    from passport.ledger.transactions import encode_call

    done = run(
        "registry",
        "annul",
        f"LEI:{ACME}",
        "--since",
        "2026-11-20",
        "--workspace",
        "root",
        "--calldata",
        "--passphrase",
        "file:nowhere",
    )
    moment = 1_795_132_800  # 2026-11-20T00:00:00Z
    expected = encode_call(load("IssuerRegistry"), "annulIssuer", bytes.fromhex(issuer_id("LEI", ACME)[2:]), moment)
    assert (done["to"], done["data"]) == (settings("root")["chain"]["registry"], "0x" + expected.hex())
    assert shown(run, ACME)["void_from"] is None


def test_a_recovery_by_a_registrar_that_was_bad_is_told_as_such(
    offices: Path, run: Run, passport: Passport, now: datetime
) -> None:
    """It was executed before that came out: the controller stays replaced, and everybody who asks is told."""
    found(run, "thief", OTHER, "--chain", "chain/chain.json")
    new, office = settings("thief")["controller"], settings("office")["controller"]
    asked = run("registry", "request-recovery", f"LEI:{ACME}", new, "--workspace", "office")
    requested_at = asked["recovery"]["requested_at"]
    run("registry", "execute-recovery", f"LEI:{ACME}", "--workspace", "thief", at=now + WEEK + timedelta(hours=1))
    since = datetime.fromtimestamp(requested_at, UTC).isoformat()
    run("registry", "withdraw", office, "--since", since, "--workspace", "root", at=now + WEEK + timedelta(hours=2))
    page = passport("who", f"LEI:{ACME}", "--workspace", "root", "--trust", _trust(run))
    assert (page.code, "asked for by a registrar that was bad then" in page.out) == (0, True)
    (recovery,) = shown(run, ACME)["recoveries"]
    assert (recovery["state"], recovery["requester_was_good"]) == ("executed", False)


def test_a_link_that_another_controller_agreed_to_is_no_request_any_more(
    offices: Path, run: Run, passport: Passport
) -> None:
    request = json.loads(Path("acme/registration.json").read_bytes())
    Path("second.json").write_text(json.dumps(request | {"party": request["party"] | {"identifier": OTHER}}), "utf-8")
    run("registry", "register", "second.json", "--workspace", "office")
    names = (f"LEI:{OTHER}", f"LEI:{ACME}")
    run("registry", "request-link", *names, "--workspace", "acme")
    assert shown(run, OTHER)["link_requested_to"] == issuer_id("LEI", ACME)
    run("registry", "set-controller", settings("office")["anchoring"], "--entity", names[0], "--workspace", "acme")
    assert shown(run, OTHER)["link_requested_to"] is None
    done = passport("registry", "link", *names, "--workspace", "office")
    assert (done.code, "has not agreed" in done.err) == (1, True)


def test_who_accredits_is_told_that_nobody_vouches_for_the_entity(
    offices: Path, run: Run, passport: Passport, now: datetime
) -> None:
    """The contract asks for the entity's standing, and not for the registrar behind it."""
    since = (now - timedelta(days=1)).isoformat()
    run("registry", "withdraw", settings("office")["controller"], "--since", since, "--workspace", "root")
    done = passport("registry", "accredit", f"LEI:{ACME}", "--workspace", "root", "--dry-run")
    assert (done.code, "nobody vouches for the entity that is to answer for this registrar" in done.err) == (0, True)
