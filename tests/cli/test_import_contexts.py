"""`passport import untp --contexts`: a signature over an RDF graph holds, is false, or stays open, and why."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

from cli_runs import Passport

from passport.credentials import Ed25519Signer, base58_encode
from passport.credentials.local_contexts import read_local_contexts
from passport.credentials.rdf_graph import canonical_quads

DPP = "https://test.uncefact.org/vocabulary/untp/dpp/0.6.1/"


def test_a_signature_over_a_graph(passport: Passport, shared: Path, tmp_path: Path) -> None:
    lists = [shared / "standards/vc/contexts/contexts.json", shared / "standards/untp/contexts.json"]
    contexts, signer = read_local_contexts(lists), Ed25519Signer.generate()
    did = signer.verification_method.partition("#")[0]
    document: dict[str, Any] = {
        "@context": ["https://www.w3.org/ns/credentials/v2", DPP],
        "type": ["DigitalProductPassport", "VerifiableCredential"],
        "id": "https://cells.example/passports/1",
        "issuer": {"type": ["CredentialIssuer"], "id": did, "name": "Cells"},
        "validFrom": "2026-01-01T00:00:00Z",
        "credentialSubject": {
            "type": ["ProductPassport"],
            "product": {"type": ["Product"], "id": "https://id.example/cell", "name": "Cell"},
        },
    }
    proof = {
        "type": "DataIntegrityProof",
        "cryptosuite": "eddsa-rdfc-2022",
        "created": "2026-01-01T00:00:00Z",
        "verificationMethod": signer.verification_method,
        "proofPurpose": "assertionMethod",
    }
    options = canonical_quads({**proof, "@context": document["@context"]}, contexts)
    signed = sha256(options).digest() + sha256(canonical_quads(document, contexts)).digest()
    document["proof"] = {**proof, "proofValue": "z" + base58_encode(signer.sign(signed))}
    file, auditor = tmp_path / "dpp.json", ("--workspace", tmp_path / "auditor")
    file.write_text(json.dumps(document), "utf-8")
    assert passport("init", "--auditor", *auditor).code == 0
    known = [option for each in lists for option in ("--contexts", each)]

    def signature(*named: object) -> tuple[str, str | None]:
        (found,) = passport("import", "untp", file, *auditor, *named, "--json").json["imported"]
        return found["signature"], found["signature_reason"]

    assert signature(*known) == ("passed", None)
    outcome, reason = signature()
    assert (outcome, "no contexts were named" in str(reason)) == ("unknown", True)
    outcome, reason = signature(*known[:2])
    assert (outcome, DPP in str(reason)) == ("unknown", True)
    file.write_text(json.dumps({**document, "validFrom": "2026-01-02T00:00:00Z"}), "utf-8")
    false = passport("import", "untp", file, *auditor, *known)
    assert (false.code, "the signature does not hold" in false.err) == (1, True)
