"""A footprint out of an inventory: its rows, salted and hashed, and their exact sum."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from passport.arithmetic import data_quality, exempted_percent, primary_data_share, sum_contributions
from passport.arithmetic.contribution import Contribution
from passport.arithmetic.quality import RATINGS, QualityInput
from passport.arithmetic.quanta import from_decimal, to_text
from passport.arithmetic.rows import quality_input, recompute_row, texts_of
from passport.arithmetic.uncertainty import combined_uncertainty
from passport.carbon.electricity import Use
from passport.credentials import new_salt, row_document
from passport.exchange.accounting import accounting_of, spent_instruments
from passport.exchange.row_inputs import check_credits, row_plans
from passport.model import schema
from passport.model.digest import Digest, digest_of
from passport.model.footprint import FootprintTexts, UpstreamFacts
from passport.model.inventory import Inventory, PassportInput
from passport.model.row import row_of
from passport.model.statement import Accounting


@dataclass(frozen=True, slots=True)
class Calculated:
    """A footprint with the rows it is the sum of."""

    footprint: FootprintTexts
    rows: tuple[bytes, ...]
    hashes: tuple[Digest, ...]
    upstream: tuple[UpstreamFacts, ...]
    accounting: Accounting
    spent: tuple[Use, ...]
    input_ids: tuple[str, ...]
    """Of each row, the input of the inventory that it is a row of."""
    stages: tuple[tuple[str, int], ...]
    """Of each row, its life-cycle stage and its contribution, quanta of kg CO2e per declared amount."""

    def hashes_of(self, input_ids: Collection[str]) -> tuple[Digest, ...]:
        """The hashes of the rows of some inputs."""
        return tuple(each for each, name in zip(self.hashes, self.input_ids, strict=True) if name in input_ids)


def calculate(
    inventory: Inventory,
    upstream_of: Callable[[PassportInput], UpstreamFacts],
    *,
    random_bytes: Callable[[int], bytes],
) -> Calculated:
    """Add up an inventory.

    Args:
        inventory: The account of one product.
        upstream_of: Finds and judges the upstream document of an input.
        random_bytes: Secure randomness for salts.

    Raises:
        PassportError: A unit that does not convert, an amount that does not fit, or what `upstream_of` refuses.
    """
    declared, covered = from_decimal(inventory.declared_amount), from_decimal(inventory.covered_quantity)
    contributions: list[Contribution] = []
    qualities: list[QualityInput] = []
    rows: list[dict[str, Any]] = []
    upstream: list[UpstreamFacts] = []
    plans = row_plans(inventory)
    for entry, extra in plans:
        child = None
        if isinstance(entry, PassportInput):
            child = upstream_of(entry)
            upstream.append(child)
        row = {**row_of(entry, child), **extra}
        contribution = recompute_row(row, declared, covered)
        row["contribution"] = {
            "components": texts_of(contribution.components),
            "total": to_text(contribution.total),
            "unattributed": to_text(contribution.unattributed),
        }
        schema.check("row-1.0", row)
        contributions.append(contribution)
        qualities.append(quality_input(row, contribution))
        rows.append(row)
    check_credits(inventory, rows, declared, covered)
    bodies = [row_document(row, new_salt(random_bytes)) for row in rows]
    totals = sum_contributions(contributions)
    share, ratings = primary_data_share(qualities), data_quality(qualities)
    footprint = FootprintTexts(
        components=texts_of(totals.components),
        total=to_text(totals.excluding),
        total_including_uptake=to_text(totals.including),
        unattributed=to_text(totals.unattributed),
        primary_data_share=None if share is None else to_text(share),
        data_quality=None if ratings is None else dict(zip(RATINGS, map(to_text, ratings), strict=True)),
        exempted_percent=to_text(exempted_percent(qualities, from_decimal(inventory.exempted.percent))),
        uncertainty=combined_uncertainty(rows, contributions),
    )
    return Calculated(
        footprint=footprint,
        rows=tuple(bodies),
        hashes=tuple(map(digest_of, bodies)),
        upstream=tuple(upstream),
        accounting=accounting_of(inventory, [plan.entry for plan in plans], rows, contributions),
        spent=spent_instruments(rows, declared, covered),
        input_ids=tuple(row.get("electricity", {}).get("input", row["id"]) for row in rows),
        stages=tuple((row["stage"], each.total) for row, each in zip(rows, contributions, strict=True)),
    )
