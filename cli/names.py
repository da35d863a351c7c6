"""What somebody may name on the command line by its shape alone: an account, a legal entity's id, a credential key."""

from __future__ import annotations

import re
from typing import Final

ADDRESS: Final = re.compile(r"0x[0-9a-fA-F]{40}\Z")
ISSUER_ID: Final = re.compile(r"0x[0-9a-f]{64}\Z")
MULTIKEY: Final = re.compile(r"z[1-9A-HJ-NP-Za-km-z]{40,100}\Z")
