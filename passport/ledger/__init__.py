"""The chain and the log: drivers behind one protocol, proofs of state, who answers for a key, what was said and when.

>>> from passport.ledger import Account, EmbeddedChain, RegistryView, deploy, issuer_id
>>> from pathlib import Path
>>> from tempfile import TemporaryDirectory
>>> with TemporaryDirectory() as folder, EmbeddedChain.create(Path(folder, "chain.db")) as chain:
...     lei = "506700GE1G29325QX363"
...     place = deploy(chain, Account.generate(), scheme="LEI", identifier=lei, evidence_hash=bytes(range(32)))
...     RegistryView(chain.state(), place.registry).issuer(issuer_id("LEI", lei)).issuer_no
1
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from passport.first_use import on_first_use

if TYPE_CHECKING:
    from passport.ledger.account import Account, SignedTransaction, TypedDomain, address_of, typed_digest
    from passport.ledger.anchor import LedgerAnchor
    from passport.ledger.authority import (
        Judgement,
        RegistrarChain,
        RegistrarStep,
        account_key_good_at,
        anchoring_key_good_at,
        credential_key_good_at,
        entity_good_at,
        registrar_chain,
        suspended_at,
    )
    from passport.ledger.chain_id import (
        Address,
        ChainRef,
        format_account_id,
        format_address,
        format_chain_id,
        parse_account_id,
        parse_address,
        parse_chain_id,
    )
    from passport.ledger.deployment import Deployment, deploy, deploy_batcher, open_deployment
    from passport.ledger.embedded import EmbeddedChain
    from passport.ledger.entity import SCHEMES, IssuerId, issuer_id, issuer_id_bytes, issuer_id_text, normal_identifier
    from passport.ledger.log_writer import BatchWriter, CommitOrder, LogWriter, Order, StatusOrder
    from passport.ledger.passport_log import LogFork, LogHead, PassportLogView, StatusKind, StatusRecord, Successor
    from passport.ledger.proofs import ProvenState, StateEvidence, block_of_header
    from passport.ledger.protocol import BlockRef, Execution, Fees, Ledger, Reads, Receipt, StateView
    from passport.ledger.registry import RegistryView
    from passport.ledger.registry_records import (
        AccountKeyRecord,
        AccountPurpose,
        CredentialKeyRecord,
        EntityLink,
        EntityRole,
        IssuerRecord,
        KeyPurpose,
        KeyWindow,
        LinkState,
        OrganisationKeyRecord,
        RecoveryRecord,
        RecoveryState,
        RegistrarRecord,
        Suspension,
    )
    from passport.ledger.registry_writer import RegistryWriter
    from passport.ledger.state import RecordingState, TrieState
    from passport.ledger.transactions import Call, Transactor

__all__ = [
    "SCHEMES",
    "Account",
    "AccountKeyRecord",
    "AccountPurpose",
    "Address",
    "BatchWriter",
    "BlockRef",
    "Call",
    "ChainRef",
    "CommitOrder",
    "CredentialKeyRecord",
    "Deployment",
    "EmbeddedChain",
    "EntityLink",
    "EntityRole",
    "Execution",
    "Fees",
    "IssuerId",
    "IssuerRecord",
    "Judgement",
    "KeyPurpose",
    "KeyWindow",
    "Ledger",
    "LedgerAnchor",
    "LinkState",
    "LogFork",
    "LogHead",
    "LogWriter",
    "Order",
    "OrganisationKeyRecord",
    "PassportLogView",
    "ProvenState",
    "Reads",
    "Receipt",
    "RecordingState",
    "RecoveryRecord",
    "RecoveryState",
    "RegistrarChain",
    "RegistrarRecord",
    "RegistrarStep",
    "RegistryView",
    "RegistryWriter",
    "SignedTransaction",
    "StateEvidence",
    "StateView",
    "StatusKind",
    "StatusOrder",
    "StatusRecord",
    "Successor",
    "Suspension",
    "Transactor",
    "TrieState",
    "TypedDomain",
    "account_key_good_at",
    "address_of",
    "anchoring_key_good_at",
    "block_of_header",
    "credential_key_good_at",
    "deploy",
    "deploy_batcher",
    "entity_good_at",
    "format_account_id",
    "format_address",
    "format_chain_id",
    "issuer_id",
    "issuer_id_bytes",
    "issuer_id_text",
    "normal_identifier",
    "open_deployment",
    "parse_account_id",
    "parse_address",
    "parse_chain_id",
    "registrar_chain",
    "suspended_at",
    "typed_digest",
]

if not TYPE_CHECKING:
    __getattr__, __dir__ = on_first_use(
        __name__,
        {
            "account": "Account SignedTransaction TypedDomain address_of typed_digest",
            "anchor": "LedgerAnchor",
            "authority": (
                "Judgement RegistrarChain RegistrarStep account_key_good_at anchoring_key_good_at "
                "credential_key_good_at entity_good_at registrar_chain suspended_at"
            ),
            "chain_id": (
                "Address ChainRef format_account_id format_address format_chain_id parse_account_id parse_address "
                "parse_chain_id"
            ),
            "deployment": "Deployment deploy deploy_batcher open_deployment",
            "embedded": "EmbeddedChain",
            "entity": "SCHEMES IssuerId issuer_id issuer_id_bytes issuer_id_text normal_identifier",
            "log_writer": "BatchWriter CommitOrder LogWriter Order StatusOrder",
            "passport_log": "LogFork LogHead PassportLogView StatusKind StatusRecord Successor",
            "proofs": "ProvenState StateEvidence block_of_header",
            "protocol": "BlockRef Execution Fees Ledger Reads Receipt StateView",
            "registry": "RegistryView",
            "registry_records": (
                "AccountKeyRecord AccountPurpose CredentialKeyRecord EntityLink EntityRole IssuerRecord KeyPurpose "
                "KeyWindow LinkState OrganisationKeyRecord RecoveryRecord RecoveryState RegistrarRecord Suspension"
            ),
            "registry_writer": "RegistryWriter",
            "state": "RecordingState TrieState",
            "transactions": "Call Transactor",
        },
    )
