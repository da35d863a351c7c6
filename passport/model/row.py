"""Rows of a calculation as JSON: what is salted, hashed and opened one by one."""

from __future__ import annotations

from typing import Any, assert_never

from passport.model.components import COMPONENTS
from passport.model.footprint import UpstreamFacts
from passport.model.inputs import DirectInput, FactorInput, PassportInput, RowInput


def row_of(entry: RowInput, upstream: UpstreamFacts | None = None) -> dict[str, Any]:
    """The row of an input, without its contribution.

    Args:
        entry: An input that is one row.
        upstream: What the upstream document states, for a passport input.

    Raises:
        ValueError: A passport input without its upstream facts.
    """
    row: dict[str, Any] = {
        "id": entry.id,
        "kind": entry.kind,
        "known": str(entry.known),
        "name": entry.name,
        "per": str(entry.per),
        "stage": str(entry.stage),
    }
    given = entry.to_json()
    for name in ("uncertainty", "dataQuality", "evidence"):
        if given.get(name):
            row[name] = given[name]
    match entry:
        case DirectInput():
            row["emissions"] = given["emissions"]
        case FactorInput():
            row |= {"factor": given["factor"], "quantity": given["quantity"], "unit": given["unit"]}
            if entry.substitutes is not None:
                row["substitutes"] = entry.substitutes
        case PassportInput():
            if upstream is None:
                raise ValueError(f"input {entry.id}: the upstream facts are needed to write its row")
            row |= {
                "delivery": entry.delivery,
                "quantity": given["quantity"],
                "unit": given["unit"],
                "unknownFields": [name for name in COMPONENTS if name not in upstream.footprint.components],
                "upstream": upstream.copy_for_row(),
            }
            if entry.substitutes is not None:
                row["substitutes"] = entry.substitutes
        case _:
            assert_never(entry)
    return row
