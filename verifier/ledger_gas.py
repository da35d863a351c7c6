"""What the gas of one passport's anchoring rests on: receipts that are proven, or what the state bounds."""

from __future__ import annotations

from typing import Any, NamedTuple

from verifier.receipt_book import CommitBasis, StatusBasis


class LedgerGas(NamedTuple):
    """What is known of the gas of a checkpoint, and of what was said of a leaf in it."""

    commit: CommitBasis
    statuses: StatusBasis

    def in_words(self) -> str:
        """Which part a receipt proves and which is bounded, for the row."""
        commit, statuses = self.commit, self.statuses
        if commit.use is None:
            said = f"gas bounded by the state: {commit.reason}"
        else:
            shared = f", shared by {commit.issuers} issuers" if commit.issuers != 1 else ""
            least, usual, most = (each.gas for each in commit.use.use)
            # The usual is all of the gas where no statuses are among it.
            beyond = "statuses among it" if usual != most else "more than the contract's calls take"
            exact = "" if least == most else f", {beyond}"
            said = f"{commit.gas_used} gas by the receipt at position {commit.position} of block {commit.block}"
            said += shared + exact
        if statuses.receipts:
            said += f"; transactions with statuses, by receipts: {statuses.receipts}"
        if statuses.bounded:
            said += f"; statuses bounded by the state: {statuses.bounded}"
        return said

    def to_json(self) -> dict[str, Any]:
        """The same as JSON values; gas of the commit is null where it stays bounded."""
        commit, statuses = self.commit, self.statuses
        receipt = None
        if commit.use is not None:
            receipt = {
                "block": commit.block,
                "position": commit.position,
                "gas_used": commit.gas_used,
                "issuers": commit.issuers,
                "leaves": commit.use.leaves,
            }
        return {
            "commit_receipt": receipt,
            "commit_bounded": commit.reason,
            "status_receipts": statuses.receipts,
            "statuses_bounded": statuses.bounded,
        }
