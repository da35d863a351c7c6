"""Bundles taken apart and put together again by a clever attacker: whatever is changed, the header's hash fits."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from verifier_world import World

from passport.credentials import jcs
from passport.errors import PassportError
from passport.model.digest import from_sha256
from verifier.audit import Settings, audit
from verifier.bundle import BundleFile
from verifier.bundle_source import BundleSource
from verifier.bundling import make_bundle
from verifier.policy import Policy, default_policy
from verifier.report import Report
from verifier.trust import KnownBlock, Trust


@dataclass
class BundleText:
    """The header's values, and the lines of each section as (key, payload)."""

    header: dict[str, Any]
    sections: dict[str, list[tuple[bytes, bytes]]] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> BundleText:
        """Split a bundle by nothing but its line feeds and its counts."""
        first, *lines = path.read_bytes().removesuffix(b"\n").split(b"\n")
        header = json.loads(first)
        sections: dict[str, list[tuple[bytes, bytes]]] = {}
        for name, count in header["sections"]:
            taken, lines = lines[:count], lines[count:]
            sections[name] = [(key, payload) for key, _, payload in (line.partition(b" ") for line in taken)]
        assert not lines
        return cls(header, sections)

    def copy(self) -> BundleText:
        """The same, to be changed apart."""
        return BundleText(
            json.loads(json.dumps(self.header)), {name: list(lines) for name, lines in self.sections.items()}
        )

    @property
    def block(self) -> KnownBlock:
        """The block that the header names, as a trust file would."""
        return KnownBlock(number=self.header["asOf"]["block"], hash=self.header["asOf"]["hash"])

    def body(self) -> bytes:
        """Every line, in the order in which they stand here."""
        return b"".join(key + b" " + payload + b"\n" for lines in self.sections.values() for key, payload in lines)

    def write(self, path: Path) -> Path:
        """Write it with counts and hash to match."""
        body = self.body()
        header = {
            **self.header,
            "body": from_sha256(sha256(body).digest()),
            "sections": [[name, len(lines)] for name, lines in self.sections.items()],
        }
        path.write_bytes(jcs(header) + b"\n" + body)
        return path

    def payload(self, section: str, key: str) -> bytes:
        """The payload of one line."""
        return dict(self.sections[section])[key.encode()]

    def put(self, section: str, key: str, payload: bytes) -> None:
        """Set a line's payload, in its place or in the order of keys."""
        lines = dict(self.sections[section])
        lines[key.encode()] = payload
        self.sections[section] = sorted(lines.items())

    def drop(self, section: str, key: str) -> None:
        """Leave a line out."""
        self.sections[section] = [line for line in self.sections[section] if line[0] != key.encode()]


def make(world: World, path: Path, digest: str, trust: Trust, source: Any = None) -> Report:
    """Write the bundle of a passport as of the chain's head."""
    return make_bundle(
        path,
        source or world.source,
        digest,
        trust=trust,
        ledger=world.chain,
        policy=default_policy(accept_imported=True),
        at=world.now(),
    )


def judge(world: World, path: Path, trust: Trust | None, policy: Policy | None = None, at: Any = None) -> Report:
    """Open a bundle, audit its top, and refuse it if it holds anything else.

    Raises:
        PassportError: Refused; nothing else may ever come out of a bundle.
    """
    with BundleFile(path) as bundle:
        source = BundleSource(bundle)
        report = audit(
            source,
            bundle.header.top,
            policy=policy or default_policy(accept_imported=True),
            trust=trust,
            settings=Settings(at=at or world.now(), is_snapshot=True),
        )
        source.refuse_surplus(report)
        return report


def outcome(world: World, path: Path, trust: Trust | None) -> str:
    """`refused`, or the verdict."""
    try:
        return str(judge(world, path, trust).verdict)
    except PassportError:
        return "refused"
