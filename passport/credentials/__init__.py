"""Keys, identifiers and proofs: how a passport is signed, and how anyone checks who signed it.

>>> from datetime import UTC, datetime
>>> from passport.credentials import Ed25519Signer, KeyDidResolver, add_proof, key_lookup, verify_secured
>>> signer = Ed25519Signer.generate()
>>> signed = add_proof({"name": "steel coil"}, signer, datetime(2026, 11, 22, 10, tzinfo=UTC))
>>> verified = verify_secured(signed, key_lookup(KeyDidResolver()), canonical=True)
>>> verified.document, verified.multikey == signer.multikey
({'name': 'steel coil'}, True)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from passport.first_use import on_first_use

if TYPE_CHECKING:
    from passport.credentials.canonical import check_depth, jcs, jcs_parsed, parse, parse_canonical
    from passport.credentials.did import (
        DidDocument,
        Method,
        WebDid,
        build_did_key_document,
        build_did_web_document,
        did_key,
        key_for,
        parse_web_did,
        read_did_document,
    )
    from passport.credentials.disclosure import OpenedRow, check_salt, new_salt, open_row, row_document, row_hash
    from passport.credentials.jwk import jwk_to_multikey, multikey_to_jwk
    from passport.credentials.key_backup import restore_backup, write_backup
    from passport.credentials.key_binding import KeyBinding, create_key_binding, read_key_binding, verify_key_binding
    from passport.credentials.key_ring import KeyEntry, KeyRing, KeyState, Role
    from passport.credentials.keys import (
        AccountKey,
        Ed25519Signer,
        Signer,
        SignerOpener,
        account_key_from_pem,
        credential_key_from_pem,
        generate_account_key,
        generate_credential_key,
        load_credential_key,
        open_signer,
        register_signer,
    )
    from passport.credentials.multikey import (
        DecodedKey,
        KeyKind,
        base58_decode,
        base58_encode,
        base64url_decode,
        base64url_encode,
        decode_multikey,
        encode_multikey,
        key_hash,
        multibase_decode,
    )
    from passport.credentials.passphrases import (
        FilePassphrase,
        KeyringPassphrase,
        KnownPassphrase,
        Passphrase,
        PromptPassphrase,
        passphrase_from,
    )
    from passport.credentials.proof import (
        KeyLookup,
        Secured,
        Signed,
        Verified,
        add_proof,
        check_issuer,
        check_signature,
        doc_hash,
        read_secured,
        sign_document,
        verify_secured,
    )
    from passport.credentials.proof_options import ECDSA_JCS_2019, EDDSA_JCS_2022
    from passport.credentials.resolver import (
        CachingResolver,
        ChainOfResolvers,
        FileDidResolver,
        KeyDidResolver,
        Resolver,
        key_lookup,
    )
    from passport.credentials.web_resolver import HttpsDidResolver

__all__ = [
    "ECDSA_JCS_2019",
    "EDDSA_JCS_2022",
    "AccountKey",
    "CachingResolver",
    "ChainOfResolvers",
    "DecodedKey",
    "DidDocument",
    "Ed25519Signer",
    "FileDidResolver",
    "FilePassphrase",
    "HttpsDidResolver",
    "KeyBinding",
    "KeyDidResolver",
    "KeyEntry",
    "KeyKind",
    "KeyLookup",
    "KeyRing",
    "KeyState",
    "KeyringPassphrase",
    "KnownPassphrase",
    "Method",
    "OpenedRow",
    "Passphrase",
    "PromptPassphrase",
    "Resolver",
    "Role",
    "Secured",
    "Signed",
    "Signer",
    "SignerOpener",
    "Verified",
    "WebDid",
    "account_key_from_pem",
    "add_proof",
    "base58_decode",
    "base58_encode",
    "base64url_decode",
    "base64url_encode",
    "build_did_key_document",
    "build_did_web_document",
    "check_depth",
    "check_issuer",
    "check_salt",
    "check_signature",
    "create_key_binding",
    "credential_key_from_pem",
    "decode_multikey",
    "did_key",
    "doc_hash",
    "encode_multikey",
    "generate_account_key",
    "generate_credential_key",
    "jcs",
    "jcs_parsed",
    "jwk_to_multikey",
    "key_for",
    "key_hash",
    "key_lookup",
    "load_credential_key",
    "multibase_decode",
    "multikey_to_jwk",
    "new_salt",
    "open_row",
    "open_signer",
    "parse",
    "parse_canonical",
    "parse_web_did",
    "passphrase_from",
    "read_did_document",
    "read_key_binding",
    "read_secured",
    "register_signer",
    "restore_backup",
    "row_document",
    "row_hash",
    "sign_document",
    "verify_key_binding",
    "verify_secured",
    "write_backup",
]

if not TYPE_CHECKING:
    __getattr__, __dir__ = on_first_use(
        __name__,
        {
            "canonical": "check_depth jcs jcs_parsed parse parse_canonical",
            "did": (
                "DidDocument Method WebDid build_did_key_document build_did_web_document did_key key_for "
                "parse_web_did read_did_document"
            ),
            "disclosure": "OpenedRow check_salt new_salt open_row row_document row_hash",
            "jwk": "jwk_to_multikey multikey_to_jwk",
            "key_backup": "restore_backup write_backup",
            "key_binding": "KeyBinding create_key_binding read_key_binding verify_key_binding",
            "key_ring": "KeyEntry KeyRing KeyState Role",
            "keys": (
                "AccountKey Ed25519Signer Signer SignerOpener account_key_from_pem credential_key_from_pem "
                "generate_account_key generate_credential_key load_credential_key open_signer register_signer"
            ),
            "multikey": (
                "DecodedKey KeyKind base58_decode base58_encode base64url_decode base64url_encode decode_multikey "
                "encode_multikey key_hash multibase_decode"
            ),
            "passphrases": (
                "FilePassphrase KeyringPassphrase KnownPassphrase Passphrase PromptPassphrase passphrase_from"
            ),
            "proof": (
                "KeyLookup Secured Signed Verified add_proof check_issuer check_signature doc_hash read_secured "
                "sign_document verify_secured"
            ),
            "proof_options": "ECDSA_JCS_2019 EDDSA_JCS_2022",
            "resolver": "CachingResolver ChainOfResolvers FileDidResolver KeyDidResolver Resolver key_lookup",
            "web_resolver": "HttpsDidResolver",
        },
    )
