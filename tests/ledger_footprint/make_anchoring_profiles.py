"""Write the anchoring profiles that ship: `python tests/ledger_footprint/make_anchoring_profiles.py`.

What has shipped once is kept, because ceilings name it by its hash; a later account of a chain is added.
"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import passport.ledger_footprint
from passport.ledger_footprint.anchoring_estimate import make_profile
from passport.ledger_footprint.anchoring_profile import AnchoringProfile
from passport.ledger_footprint.anchoring_profiles import PROFILES_FORMAT
from passport.ledger_footprint.rule import Rule

FILE = Path(passport.ledger_footprint.__file__).parent / "anchoring_profiles.json"
AT = date(2026, 11, 22)

# Chain ids: EIP-155 numbers as https://chainlist.org lists them; 1337 is the embedded chain's own.
ACCOUNTS: dict[tuple[str, str], tuple[str, Rule]] = {
    ("ethereum", "before the merge"): ("eip155:1", Rule.PER_GAS),
    ("ethereum", "after the merge"): ("eip155:1", Rule.PER_GAS),
    ("ethereum", "2025"): ("eip155:1", Rule.PER_GAS),
    ("polygon", "2022-07"): ("eip155:137", Rule.PER_GAS),
    ("gnosis", "2024"): ("eip155:100", Rule.PER_GAS),
    ("avalanche", "2022-01"): ("eip155:43114", Rule.PER_TRANSACTION),
    ("embedded", "this process"): ("eip155:1337", Rule.PER_TRANSACTION),
}


def profiles() -> list[AnchoringProfile]:
    """The profiles of today's data."""
    return [
        make_profile(chain, edition=edition, chain_id=chain_id, rule=rule, at=AT)
        for (chain, edition), (chain_id, rule) in ACCOUNTS.items()
    ]


if __name__ == "__main__":
    body = {"format": PROFILES_FORMAT, "profiles": [each.to_json() for each in profiles()]}
    FILE.write_text(json.dumps(body, indent=1) + "\n", "utf-8")
