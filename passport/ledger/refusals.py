"""Say in a sentence why one of our contracts refused, by its custom error and that error's arguments.

The error itself, as `revert` decodes it, says what the contract found; the sentence says who may, from when on, or what
to do instead. A test holds this list to the errors of the compiled contracts.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from passport.errors import TransactionError
from passport.ledger.revert import Abi, Revert, decode_revert, describe_revert

SENTENCES: Final[Mapping[str, str]] = {
    # the registry: registrars
    "RootUnauthorized": "{caller} is not the root registrar, and only that account may do this",
    "RegistrarUnknown": "{registrar} was never accredited as a registrar",
    "RegistrarNotGood": "{registrar}, or one it owes its accreditation to, was withdrawn with effect at {time} "
    "or before",
    "RegistrarAlreadyAccredited": "{registrar} was accredited before, and an account is accredited once",
    "RegistrarSelfVouching": "{registrar} would vouch for {issuerId}, the legal entity that answers for it",
    "RegistrarNotOfIssuer": "{registrar} is neither the controller nor a good account key of {issuerId}: that "
    "entity never "
    "agreed to answer for it",
    "RegistrarChainTooLong": "{accreditor} stands {depth} accreditations below the root already, the most there may be",
    "RegistrarUnauthorized": "{caller} did not accredit {registrar}: its accreditor or the root has to send this",
    # the registry: legal entities
    "SchemeNotCanonical": "the scheme {scheme} is not 1 to 16 characters of A-Z and 0-9",
    "IdentifierNotCanonical": "the identifier {identifier} is not 1 to 64 printable ASCII characters without "
    "spaces and "
    "small letters",
    "EvidenceInvalid": "the evidence has no hash, or its address of {uriBytes} bytes is longer than 2,048",
    "IssuerUnknown": "no legal entity is registered under {issuerId}",
    "IssuerNoUnknown": "no legal entity has the number {issuerNo}",
    "IssuerAlreadyRegistered": "{issuerId} is registered already, by {registrar}; a wrong registration is "
    "annulled by the "
    "one that accredited that registrar",
    "IssuerIsSuspended": "{issuerId} is suspended since {since}; the registrar that registered it can reinstate it",
    "IssuerIsAnnulled": "the registration of {issuerId} is annulled: what it did from {voidFrom} on is void",
    "IssuerNotSuspended": "{issuerId} is not suspended",
    "IssuerNotAnnulled": "the registration of {issuerId} is not annulled",
    "IssuerUnauthorized": "{caller} may not do this to {issuerId}: docs/contracts.md lists who may, the "
    "controller, the "
    "registrar that registered it, or that one's accreditor",
    "ControllerInvalid": "{controller} is no account, or controls {issuerId} already",
    "RolesInvalid": "the roles {roles} have bits outside {allowed}",
    "SuspensionUnknown": "{issuerId} has only {count} past suspensions",
    "TimeNotReached": "{time} is after the block of {blockTime}: what will hold then cannot be told",
    # the registry: links and recoveries
    "LinkInvalid": "{issuerId} cannot be linked to {primaryId}: they are the same, {issuerId} is in a link already, or "
    "{primaryId} is itself linked to another",
    "LinkNotRequested": "the present controller of both has not agreed that {issuerId} is linked to "
    "{primaryId}: it sends "
    "`passport registry request-link` first",
    "RecoveryNotPending": "no recovery of {issuerId} is pending: none was requested, or it was vetoed, executed "
    "or voided",
    "RecoveryIsPending": "a recovery of {issuerId} is pending already, and whoever asked for it was good then",
    "RecoveryNotDue": "the controller may veto until {executableFrom}, and it is {time}",
    "RecoveryUnknown": "{issuerId} has only {count} recoveries",
    "OrganisationKeyUnknown": "no organisation key was proven for {issuerId}",
    "OrganisationKeySignatureInvalid": "the signature is not that key's over the message of {issuerId} and its "
    "controller "
    "{controller}: `passport registry organisation-message` writes the message",
    "ModulusInvalid": "an RSA modulus of {modulusBytes} bytes is not taken: 2,048 to 4,096 bits are",
    # the registry: keys
    "AccountKeyInvalid": "{account} is no account",
    "AccountKeyUnbound": "no legal entity has bound {account}",
    "AccountKeyOfOther": "{account} is bound, for ever, to {boundTo} and not to {issuerId}",
    "AccountKeyLacksPurpose": "{account} is bound with the purposes {purposes} (1 anchor, 2 status), and this "
    "needs {required}",
    "AccountKeyNotGood": "{account} is good from {from} until {until}, compromised from {badFrom}, and it is {time}",
    "AccountKeyAlreadyBound": "{account} is bound to {boundTo}, once and for ever: take a new account",
    "AccountKeySignatureInvalid": "the signature is not {account}'s over this binding to {issuerId}",
    "CredentialKeyInvalid": "{keyHash} is no hash of a key",
    "CredentialKeyUnbound": "{issuerId} has not bound the key with the hash {keyHash}",
    "CredentialKeyAlreadyBound": "{issuerId} has bound the key with the hash {keyHash} before, and a key is bound once",
    "KeyPurposesInvalid": "the purposes {purposes} are none, or have bits outside {allowed}",
    "KeyWindowEmpty": "the window from {from} until {until} is empty",
    "KeyAlreadyEnded": "the window of the key ended at {until} already",
    "BadFromInvalid": "the moment {badFrom} is none, after {time} (now), or not before the one reported earlier "
    "({previous}): a report reaches back and is never taken back",
    # the pause of registry and log
    "IsPaused": "nothing new is let in while this contract is paused; guardian or root unpause it",
    "IsNotPaused": "it is not paused",
    "PauseUnauthorized": "{caller} is neither the guardian nor the root",
    "UnpauseAlreadyRequested": "this was requested before; the guardian may unpause from {unpausableFrom} on",
    "UnpauseNotDue": "the guardian may unpause from {unpausableFrom} on (not set: it never asked), and it is {time}",
    # the log
    "RegistryInvalid": "{registry} has no code, so it is no registry",
    "LogInvalid": "{log} has no code, so it is no log",
    "LogIsFrozen": "the log of {issuerId} was shown to contradict itself at {frozenAt} and takes no checkpoint "
    "any more",
    "LogEmpty": "{issuerId} has committed nothing",
    "CheckpointUnknown": "{root} is the root of no checkpoint of {issuerId}",
    "CommitStale": "the checkpoint stands on {prevSize} leaves and the log has {size}: another came first",
    "CommitNotGrowing": "the checkpoint has {size} leaves, no more than the {prevSize} before",
    "CommitRootInvalid": "{root} is no root of a log",
    "CommitRootExists": "{root} is the root of an earlier checkpoint of {issuerId}",
    "ForkNotProven": "the two proofs do not show different entries at {index} under {firstRoot} and {secondRoot}",
    "ForkUnknown": "no fork of {issuerId} was proven",
    "OrderExpired": "the order was good up to {deadline}, and it is {time}",
    "OrderSignatureInvalid": "the signature is not {account}'s over this order for {issuerId}",
    "OrderNonceInvalid": "the order has the nonce {nonce}, and the next of {account} in that lane is {expected}",
    "StatusKindUnknown": "there is no status of kind {kind}",
    "StatusIndexBeyondLog": "the log has {size} leaves and none at {index}",
    "StatusNextInvalid": "leaf {next} cannot take the place of leaf {index}: it must come after it in the "
    "{size} leaves",
    "StatusIsRevoked": "leaf {index} is revoked, for good",
    "StatusHasSuccessor": "leaf {index} has its successor already, leaf {next}",
    "StatusIsSuspended": "leaf {index} is suspended already",
    "StatusIsNotSuspended": "leaf {index} is not suspended",
    "RevokeManyInvalid": "{words} words and {masks} masks: there must be as many of both, and at least one",
    "BatchEmpty": "none of {orders} orders was tried with the {gasLeft} gas that was left",
    # what the libraries below them say
    "InvalidShortString": "a name of the contract cannot be read",
    "StringTooLong": "the name {str} is longer than 31 bytes",
    "SignatureTooLong": "the signature is longer than that library takes",
    # Solidity's own
    "Error": "{message}",
    "Panic": "the contract broke off with panic code {code}",
}

_MOMENTS: Final = frozenset(
    {
        "since",
        "voidFrom",
        "badFrom",
        "previous",
        "time",
        "blockTime",
        "until",
        "from",
        "executableFrom",
        "deadline",
        "frozenAt",
        "unpausableFrom",
    }
)
"""Arguments that are unix seconds, 0 for "not set"."""


def sentence_of(revert: Revert) -> str | None:
    """One sentence about an error, with its arguments, times as UTC; None for an error that is not of our contracts."""
    template = SENTENCES.get(revert.name)
    if template is None:
        return None
    facts = {name: _said(name, value) for name, value in revert.arguments.items()}
    try:
        return template.format(**facts)
    except (KeyError, IndexError):  # another contract's error of the same name
        return None


def refused_by_contract(message: str, output: bytes, *abis: Abi, where: str | None = None) -> TransactionError:
    """An error for what a contract refused: what it said as `found`, and what that means as `hint`.

    Args:
        message: Who refused what.
        output: What the contract reverted with.
        abis: Whose custom errors explain it.
        where: What was asked.
    """
    revert = decode_revert(output, *abis)
    hint = sentence_of(revert) if revert is not None else None
    return TransactionError(message, where=where, found=describe_revert(output, *abis), hint=hint)


def _said(name: str, value: Any) -> str:
    if name in _MOMENTS and isinstance(value, int):
        return _moment(value)
    return "0x" + value.hex() if isinstance(value, bytes) else str(value)


def _moment(seconds: int) -> str:
    if seconds == 0:
        return "(not set)"
    try:
        return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%SZ}"
    except (ValueError, OverflowError, OSError):  # beyond the calendar's last year
        return f"{seconds} (unix seconds)"
