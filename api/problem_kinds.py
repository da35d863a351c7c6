"""The kinds of problem that the services answer with: name, status, title and meaning of each, in one table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

PROBLEM_PATH: Final = "/problems"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of problem.

    Attributes:
        name: The last part of its type URI.
        status: HTTP status.
        title: The same for every case of it.
        meaning: What its page says: when it comes, and what to do.
        is_passing: Asking again later may help, so `Retry-After` is sent.
    """

    name: str
    status: int
    title: str
    meaning: str
    is_passing: bool = False

    @property
    def type(self) -> str:
        """Its stable URI, relative to the service."""
        return f"{PROBLEM_PATH}/{self.name}"


_ALL = (
    Kind(
        "unreadable-document",
        400,
        "The document cannot be read",
        "The body is not JSON, is truncated or damaged, or is a bundle that was not written by `passport bundle`. "
        "`detail` and `where` say what is wrong and where. Send the original bytes.",
    ),
    Kind(
        "no-such-page",
        404,
        "There is nothing at this address",
        "No resource of this service has this address. The description of all of them is at /docs.",
    ),
    Kind(
        "not-found",
        404,
        "The document is not here",
        "The service holds no such document, or does not show it. Passports are found by the last part of their id, "
        "by their whole id (percent-encoded), or by their digest.",
    ),
    Kind(
        "no-such-order",
        404,
        "No such order was taken here",
        "Orders are found by the EIP-712 digest that was signed. Look at the chain: another relay may have carried it "
        "out.",
    ),
    Kind(
        "statement-withheld",
        404,
        "The statement is withheld",
        "The issuer keeps this passport's footprint statement to itself. The passport's totals are signed and anchored "
        "all the same; ask the issuer for the statement.",
    ),
    Kind(
        "statement-not-held",
        404,
        "The statement is not held here",
        "The passport is known here, its footprint statement is not: its issuer has not published it.",
    ),
    Kind(
        "method-not-allowed",
        405,
        "This address does not take that method",
        "The header `Allow` lists the methods that the address takes.",
    ),
    Kind(
        "upload-too-slow",
        408,
        "The upload took too long",
        "The body did not arrive within the service's time limit. Send it again over a faster connection.",
    ),
    Kind(
        "conflict",
        409,
        "Two different documents go by this name",
        "More than one document is filed under this id, which at most one should be. `found` lists their digests: ask "
        "for one of them by its digest.",
    ),
    Kind(
        "too-large",
        413,
        "Larger or deeper than this service reads",
        "The body, or something in it, is beyond a bound that `expected` names. Large trees are judged offline: "
        "`passport audit FILE --trust TRUST`.",
    ),
    Kind(
        "unsupported-media-type",
        415,
        "Not a media type that this address takes",
        "Send a passport as application/json, application/vc or application/ld+json, or a bundle as "
        "application/vnd.carbon-passport.bundle, without a content encoding.",
    ),
    Kind(
        "invalid-request",
        422,
        "The request's parameters do not hold",
        "`where` names the parameter, `detail` what is wrong with it; `errors` lists all of them.",
    ),
    Kind(
        "not-a-passport",
        422,
        "The document is no signed passport",
        "The body is JSON, but no document with a proof, so there is nothing to judge. Send the signed form: "
        "`passport show ID --raw` prints it.",
    ),
    Kind(
        "invalid-delivery",
        422,
        "Not a delivery that is taken in",
        "The body is not a signed UNTP MoveEvent as `passport deliver` writes it, its signature does not hold, its key "
        "has ended, or what it states contradicts itself. `where` names the member. Nothing was kept.",
    ),
    Kind(
        "not-addressed-here",
        403,
        "The delivery is to somebody else",
        "A service takes in what names its own legal entity and DID as consignee, if it takes in any. `expected` says "
        "who that is. Nothing was kept.",
    ),
    Kind(
        "unknown-supplier",
        403,
        "Nobody here knows the supplier's key, or the passport",
        "The buyer must hold the passport that the delivery names, by the same issuer, and the issuer's DID document; "
        "and where a chain is trusted, its registry must have bound the key to the issuer. Nothing was kept.",
    ),
    Kind(
        "too-many-deliveries",
        429,
        "As many deliveries of this supplier are kept as are taken in",
        "Hand it over in another way: the buyer takes it in with `passport import delivery FILE`. Nothing was kept.",
    ),
    Kind(
        "invalid-order",
        422,
        "Not an order that a relay reads",
        "The body is not one JSON document of the shape that /openapi.json describes, or larger than one ever is. "
        "`where` names the member. Nothing was spent.",
    ),
    Kind(
        "wrong-contract",
        422,
        "The order is for another chain or contract",
        "`expected` says for which chain, genesis and PassportLog this relay pays. Nothing was spent.",
    ),
    Kind(
        "wrong-signature",
        422,
        "The order is not signed by its account",
        "The EIP-712 signature over exactly this order must be made by the key of `account`, or, in a relay-order/1.1, "
        "be taken by the contract that stands there (ERC-1271), within the gas that this relay gives it. Nothing was "
        "spent.",
    ),
    Kind(
        "wallets-not-served",
        422,
        "This relay serves no accounts that are contracts",
        "What a contract's own judging costs, only it can say, and this relay pays for none. Name another relay, or "
        "pay yourself. Nothing was spent.",
    ),
    Kind(
        "order-expired",
        422,
        "The order's deadline has passed, or is too near",
        "By the chain's time; with less than a minute left a transaction may come too late. Sign it anew with a later "
        "deadline. Nothing was spent.",
    ),
    Kind(
        "not-registered",
        403,
        "The account speaks for no registered issuer",
        "This relay pays for issuers alone that a trusted registrar vouches for, and for accounts that these have "
        "bound. Nothing was spent.",
    ),
    Kind(
        "suspended",
        403,
        "The issuer is suspended",
        "While its registrar keeps it suspended it anchors nothing. Warnings about its own passports are relayed all "
        "the same: revoke, suspend, supersede, correct. Nothing was spent.",
    ),
    Kind(
        "not-authorised",
        403,
        "The account may not do that now",
        "Retired, reported as compromised, not good yet, or bound without the purpose. Nothing was spent.",
    ),
    Kind(
        "stale-order",
        409,
        "The chain has moved on",
        "The checkpoint does not stand on the log's present size, or the nonce is not the next of its lane. Look at "
        "the chain: what was ordered may be there already. Nothing was spent.",
    ),
    Kind(
        "order-waits",
        409,
        "Another order of this issuer is under way",
        "One checkpoint of an issuer, and one status in each lane, is carried out at a time. `found` names the one "
        "that is. Nothing was spent.",
        is_passing=True,
    ),
    Kind(
        "contract-refuses",
        422,
        "The contract would refuse the order",
        "It was tried out and reverted: `found` has the contract's error. Nothing was spent.",
    ),
    Kind(
        "rate-exceeded",
        429,
        "Too many orders of this issuer",
        "As many were taken within an hour as this relay allows. Try again after the seconds in `Retry-After`, name "
        "another relay, or pay yourself. Nothing was spent.",
        is_passing=True,
    ),
    Kind(
        "invalid-checkpoint-request",
        400,
        "Not a request to cosign",
        "The body is no `add-checkpoint` request of C2SP tlog-witness: old size, proof lines, an empty line, and a "
        "signed checkpoint; or the old size is above the checkpoint's. Nothing was cosigned.",
    ),
    Kind(
        "not-signed-by-its-log",
        403,
        "The checkpoint is not signed by its log",
        "No line below it is a signature of a key that this witness knows the log by, or one that says so does not "
        "verify. Nothing was cosigned.",
    ),
    Kind(
        "unknown-log",
        404,
        "A log that is not watched here",
        "The witness cosigns for logs that its operator has listed with their keys, and shows checkpoints that it "
        "cosigned.",
    ),
    Kind(
        "two-histories",
        409,
        "The log shows two histories",
        "Another root was cosigned for that size. Both checkpoints are signed by the log, and are kept here as "
        "evidence. Nothing was cosigned.",
    ),
    Kind(
        "not-grown-from-the-last",
        422,
        "The log has not grown from what was cosigned last",
        "The consistency proof does not lead from the checkpoint that was cosigned last to this one. Nothing was "
        "cosigned.",
    ),
    Kind(
        "too-soon",
        429,
        "A checkpoint of this log was cosigned a moment ago",
        "Try again after the seconds in `Retry-After`. Nothing was cosigned.",
        is_passing=True,
    ),
    Kind(
        "internal",
        500,
        "The service failed",
        "A fault of the service, not of the request. Report it with the `request_id`, under which it stands in the "
        "service's log.",
    ),
    Kind(
        "busy",
        503,
        "The service is busy",
        "As many audits or uploads as the service allows are under way. Try again after the seconds in `Retry-After`.",
        is_passing=True,
    ),
    Kind(
        "audit-too-long",
        503,
        "The audit took too long",
        "The tree could not be judged within the service's time limit. Audit it offline: "
        "`passport audit FILE --trust TRUST`.",
    ),
    Kind(
        "budget-spent",
        503,
        "The relay's budget is spent",
        "What it gives in 24 hours is given. Try again after the seconds in `Retry-After`, name another relay, or pay "
        "yourself.",
        is_passing=True,
    ),
    Kind(
        "gas-too-dear",
        503,
        "Gas costs more than the relay pays",
        "Try again after the seconds in `Retry-After`, name another relay, or pay yourself.",
        is_passing=True,
    ),
    Kind(
        "relay-cannot-pay",
        503,
        "The relay's account is empty",
        "Its operator has to fill it. Try again later, name another relay, or pay yourself.",
        is_passing=True,
    ),
    Kind(
        "witness-unavailable",
        503,
        "The witness cannot cosign now",
        "What it remembers cannot be read or written, or its clock is behind. Try again after the seconds in "
        "`Retry-After`.",
        is_passing=True,
    ),
    Kind(
        "witness-stopped",
        503,
        "The witness does not cosign any more",
        "What it remembers was put back from an old copy, so it might contradict itself. Its operator has to make a "
        "new one with a new key.",
    ),
    Kind(
        "ledger-unavailable",
        503,
        "The ledger is out of reach",
        "The chain cannot be asked right now. Try again after the seconds in `Retry-After`.",
        is_passing=True,
    ),
    Kind(
        "wrong-chain",
        503,
        "The ledger in reach is another one",
        "The chain that answers is not the one that the service is set up for, or not one that it trusts. Its operator "
        "has to mend that.",
        is_passing=True,
    ),
    Kind(
        "store-unavailable",
        503,
        "The service's store is out of reach",
        "The database cannot be read right now. Try again after the seconds in `Retry-After`.",
        is_passing=True,
    ),
)
KINDS: Final[Mapping[str, Kind]] = {kind.name: kind for kind in _ALL}
