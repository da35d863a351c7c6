"""The logs of the verifier's world as folders of static files, and witnesses that cosign them."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from verifier_world import NOW, Company, World

from passport.ledger.log_note import log_origin
from passport.ledger.signed_note import NoteAlgorithm, NoteKey
from passport.ledger.tile_folder import TileFolder
from passport.ledger.witness import Witness
from passport.ledger.witness_file import WitnessFile
from passport.log_export import cosign_folder, export_log, note_key
from verifier.trust import TRUST_FORMAT_1_1, Trust, TrustedWitnesses


@dataclass
class Watcher:
    """A witness with its key, the same for a name in every run."""

    name: str

    @property
    def private(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(sha256(f"witness {self.name}".encode()).digest())

    @property
    def key(self) -> NoteKey:
        return NoteKey(self.name, NoteAlgorithm.COSIGNATURE_V1, self.private.public_key().public_bytes_raw())

    def cosign(self, folder: TileFolder, *log_keys: NoteKey) -> None:
        """Cosign the folder's checkpoint, with a memory of its own that is new each time."""
        logs: dict[str, list[NoteKey]] = {}
        for key in log_keys:
            logs.setdefault(key.name, []).append(key)
        path = folder.folder.parent / f"{folder.folder.name}-{self.name}.db"
        with WitnessFile(path, create=not path.exists()) as file:
            witness = Witness(self.key, self.private.sign, logs=logs, file=file, clock=lambda: NOW)
            cosign_folder(folder, witness)


WATCHERS = [Watcher(f"w{number}.example") for number in (1, 2, 3)]


def origin_of(company: Company) -> str:
    return log_origin(company.place.log, company.place.issuer_id, company.place.genesis)


def exported(world: World, company: Company, folder: Path, *, cosigned_by: int = 0) -> TileFolder:
    """The log of a company as it stands in the source, signed by its credential key."""
    files = TileFolder(folder)
    entries = world.source.logs[company.log_key].entries
    export_log(entries, files, origin=origin_of(company), signer=company.signer)
    for watcher in WATCHERS[:cosigned_by]:
        watcher.cosign(files, note_key(company.signer, origin_of(company)))
    return files


def all_exported(world: World, folder: Path, *, cosigned_by: int) -> list[TileFolder]:
    return [
        exported(world, company, folder / name, cosigned_by=cosigned_by)
        for name, company in world.companies.items()
        if company.log_key in world.source.logs
    ]


def trust_with_witnesses(world: World, threshold: int = 2) -> Trust:
    keys = tuple(watcher.key.text for watcher in WATCHERS)
    return world.trust.model_copy(
        update={"format": TRUST_FORMAT_1_1, "witnesses": TrustedWitnesses(keys=keys, threshold=threshold)}
    )
