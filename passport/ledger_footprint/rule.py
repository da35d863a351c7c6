"""The rules by which a network can be shared out, and the one that a caller names; none is ever assumed."""

from __future__ import annotations

from enum import StrEnum

from passport.errors import UsageError


class Rule(StrEnum):
    """How a network is shared out."""

    PER_GAS = "per_gas"
    PER_TRANSACTION = "per_transaction"
    PER_FEE = "per_fee"
    PER_BYTE = "per_byte"
    HYBRID = "hybrid"


def rule_of(name: str | Rule | None) -> Rule:
    """The rule of a name.

    Raises:
        UsageError: None was named, or there is no such rule.
    """
    if name is None or name == "":
        raise UsageError(
            "a rule of allocation must be named",
            where="rule",
            expected=f"one of {', '.join(Rule)}",
            hint="per_gas for EVM chains",
        )
    try:
        return Rule(name)
    except ValueError as error:
        raise UsageError(
            "no such rule of allocation", where="rule", expected=f"one of {', '.join(Rule)}", found=name
        ) from error
