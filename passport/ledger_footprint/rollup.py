"""What a rollup or sidechain takes: its own nodes, and its share of the chain that it settles on."""

from __future__ import annotations

from enum import StrEnum

from passport.errors import ArithmeticRuleError
from passport.ledger_footprint.figures import Figure, derive
from passport.ledger_footprint.quantities import Count, Q, Ratio


class BlobSplit(StrEnum):
    """By what the lower chain is split between execution and blobs; must be said."""

    FEES = "by fees"
    BYTES = "by bytes"


def layer1_share(gas: Figure[Count], *, layer1_gas: Figure[Count]) -> Figure[Ratio]:
    """The share of the lower chain's gas that batches and proofs use.

    Args:
        gas: Used there by the rollup.
        layer1_gas: Used there by all, in the same time.

    Raises:
        ArithmeticRuleError: More than all.
    """
    share = derive(lambda mine, all_: Ratio(mine.ratio(all_)), gas, falling=(layer1_gas,))
    return _at_most_all(share)


def with_blobs(
    execution: Figure[Ratio], *, blobs: Figure[Ratio], blob_weight: Figure[Ratio], split: BlobSplit
) -> Figure[Ratio]:
    """The share of the lower chain when it also carries blobs.

    Args:
        execution: Share of its execution.
        blobs: Share of its blobs.
        blob_weight: What part of the lower chain blobs are, by fees or by bytes.
        split: Which of the two; goes with the result's name.

    Raises:
        ArithmeticRuleError: More than all, or the split is not said.
    """
    if not isinstance(split, BlobSplit):
        raise ArithmeticRuleError("how blobs are split off must be said", expected=", ".join(BlobSplit), found=split)
    ends = [
        Ratio(e.amount * (1 - w.amount) + b.amount * w.amount)
        for e, b in ((execution.low, blobs.low), (execution.central, blobs.central), (execution.high, blobs.high))
        for w in (blob_weight.low, blob_weight.central, blob_weight.high)
    ]
    ordered = sorted(ends[:3] + ends[6:], key=lambda each: each.amount)
    inputs = tuple(dict.fromkeys((*execution.inputs, *blobs.inputs, *blob_weight.inputs)))
    return _at_most_all(Figure(min(ordered[0], ends[4]), ends[4], max(ordered[-1], ends[4]), inputs))


def with_layer1(own: Figure[Q], *, share: Figure[Ratio], layer1: Figure[Q]) -> Figure[Q]:
    """Own and borrowed together: energy, GHG, embodied or waste.

    Args:
        own: Of sequencer, prover and nodes.
        share: Share of the lower chain.
        layer1: The whole of the lower chain.
    """
    return own + layer1.times(_at_most_all(share))


def _at_most_all(share: Figure[Ratio]) -> Figure[Ratio]:
    if share.high.amount > 1:
        raise ArithmeticRuleError(
            "more than the whole lower chain", expected="a share of at most 1", found=share.high.amount,
            hint="are both numbers of one period?",
        )  # fmt: skip
    return share
