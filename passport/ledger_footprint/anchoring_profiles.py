"""The anchoring profiles at hand: those that ship with the project, and whoever judges may add their own.

A profile never comes from whoever is judged: an issuer who could bring it along would write small numbers into it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Final

from passport.errors import BoundError, DocumentError, NotFoundError
from passport.ledger_footprint.anchoring_profile import AnchoringProfile, read_profile
from passport.ledger_footprint.data_file import parse_json, read_bounded

PROFILES_FORMAT: Final = "carbon-passport/anchoring-profiles/1.0"
MAX_BYTES: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class AnchoringProfiles:
    """Profiles by their hash; none is ever taken out of what ships, so that old ceilings can be judged.

    Attributes:
        profiles: All of them.
    """

    profiles: tuple[AnchoringProfile, ...]
    _by_hash: dict[bytes, AnchoringProfile] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        """Hash each once."""
        object.__setattr__(self, "_by_hash", {each.sha256: each for each in self.profiles})

    @classmethod
    def shipped(cls) -> AnchoringProfiles:
        """What ships with the project."""
        return _shipped()

    def with_files(self, paths: Sequence[Path]) -> AnchoringProfiles:
        """These profiles and those of files, each one profile or a list of them as it ships.

        Raises:
            DocumentError: A file cannot be read or is none of profiles.
            BoundError: A file is too large.
        """
        added: list[AnchoringProfile] = []
        for path in paths:
            added += parse_profiles(read_bounded(path, max_bytes=MAX_BYTES), where=str(path))
        return AnchoringProfiles(tuple(dict.fromkeys((*added, *self.profiles)))) if added else self

    def find(self, sha256: bytes) -> AnchoringProfile | None:
        """The profile of a hash, or None: it is not known here."""
        return self._by_hash.get(sha256)

    def speaking_for(self, chain_id: str, day: date) -> AnchoringProfile | None:
        """The profile that speaks for a chain on a day: the latest whose period had begun; None if there is none."""
        begun = [each for each in self.profiles if each.chain_id == chain_id and each.period.first <= day]
        return max(begun, key=lambda each: each.period.first, default=None)

    def in_force(self, named: AnchoringProfile, day: date) -> AnchoringProfile:
        """The profile that a ceiling of a day is judged by: the named one, or the one that had followed it by then.

        Args:
            named: The profile that the ceiling names.
            day: The day of anchoring.
        """
        latest = self.speaking_for(named.chain_id, day)
        return named if latest is None or latest.period.first <= named.period.first else latest

    def for_issuing(self, chain_id: str, day: date) -> AnchoringProfile:
        """The same, for an issuer who needs one.

        Raises:
            NotFoundError: There is none.
        """
        found = self.speaking_for(chain_id, day)
        if found is None:
            known = ", ".join(sorted({each.chain_id for each in self.profiles}))
            raise NotFoundError(
                "no anchoring profile of this chain",
                expected=f"one of {known}",
                found=chain_id,
                hint="make one with `passport ledger profile`",
            )
        return found


def parse_profiles(data: bytes, *, where: str) -> tuple[AnchoringProfile, ...]:
    """Profiles out of a file's bytes.

    Raises:
        DocumentError: Not JSON, or not profiles.
        BoundError: Too large.
    """
    if len(data) > MAX_BYTES:
        raise BoundError("too large", where=where, expected=f"at most {MAX_BYTES:,} bytes", found=f"{len(data):,}")
    body = parse_json(data, where=where)
    if not isinstance(body, dict) or body.get("format") != PROFILES_FORMAT:
        return (read_profile(body, where=where),)
    listed = body.get("profiles")
    if not isinstance(listed, list):
        raise DocumentError("not a list of profiles", where=f"{where}: profiles", found=type(listed).__name__)
    return tuple(read_profile(each, where=f"{where}: profiles.{number}") for number, each in enumerate(listed))


@cache
def _shipped() -> AnchoringProfiles:
    name = "anchoring_profiles.json"
    data = resources.files("passport.ledger_footprint").joinpath(name).read_bytes()
    return AnchoringProfiles(parse_profiles(data, where=name))
