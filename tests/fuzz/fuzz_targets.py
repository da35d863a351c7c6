"""Every target, by name."""

from __future__ import annotations

import fuzz_answers
import fuzz_credentials
import fuzz_documents
import fuzz_footprint
import fuzz_graphs
import fuzz_ledger
from fuzz_target import Target

TARGETS: dict[str, Target] = {
    target.name: target
    for room in (fuzz_answers, fuzz_credentials, fuzz_documents, fuzz_footprint, fuzz_graphs, fuzz_ledger)
    for target in room.TARGETS
}
