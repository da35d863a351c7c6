"""`double_counting`: nothing is used up twice, neither products by their buyers nor certificates by their users."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

from passport.arithmetic.quanta import ONE
from passport.carbon.electricity import Use, overspent
from verifier.outcome import Check, CheckId, failed, passed, skipped, unknown
from verifier.record import NodeKind, NodeRecord

NOTHING_DRAWS = "nothing in this audit draws on it"
NO_COVERAGE = "an imported footprint covers no stated quantity"


def check_double_counting(record: NodeRecord, drawn: Sequence[int | Fraction | None]) -> Check:
    """Judge what every parent's whole output draws of one child, quanta of the child's declared unit."""
    if record.kind is NodeKind.IMPORTED:
        return skipped(CheckId.DOUBLE_COUNTING, NO_COVERAGE)
    if not drawn:
        return skipped(CheckId.DOUBLE_COUNTING, NOTHING_DRAWS)
    if record.covered is None:
        return unknown(CheckId.DOUBLE_COUNTING, "its covered quantity is not at hand")
    known = [amount for amount in drawn if amount is not None]
    total = sum(known, Fraction(0)) if len(known) > 1 else Fraction(known[0] if known else 0)
    if total > record.covered:
        return failed(
            CheckId.DOUBLE_COUNTING,
            "buyers draw more than the passport covers",
            expected=f"at most {record.covered / ONE:.6g}",
            found=f"{float(total / ONE):.6g}",
        )
    if len(known) < len(drawn):
        return unknown(CheckId.DOUBLE_COUNTING, "a buyer's quantity cannot be converted")
    return passed(CheckId.DOUBLE_COUNTING)


def check_instruments(
    records: Mapping[str, NodeRecord], drawn: Mapping[str, Sequence[int | Fraction | None]]
) -> Iterator[tuple[NodeRecord, Check]]:
    """The passports of an audit that together spend more of a contract or certificate than there is of it.

    Versions of one product whose periods overlap speak of the same goods, so that what each of them spends counts
    once, at the most that any of them spends: a version that was replaced and is still pinned has given nothing back.
    What the buyers in this audit draw of all versions together counts if it is more.

    Args:
        records: All nodes.
        drawn: By digest, what every parent's whole output draws of a node, quanta of its unit; None if unknown.
    """
    users = [record for record in records.values() if record.instruments]
    for record in users:
        if record.unlisted:
            reason = (
                f"certificates of a registry that is on no list may go by other names too: {', '.join(record.unlisted)}"
            )
            yield record, unknown(CheckId.DOUBLE_COUNTING, reason)
    found = overspent(use for product in _by_product(users) for use in _uses_of_product(product, drawn))
    for record in users:
        for key in dict.fromkeys(use.key for use in record.instruments if use.key in found):
            instrument = found[key]
            yield (
                record,
                failed(
                    CheckId.DOUBLE_COUNTING,
                    f"the contract or certificate {key} is spent more than once, by {', '.join(instrument.by)}",
                    expected=f"at most {float(instrument.issued_kwh):.6g} kWh",
                    found=f"{float(instrument.spent_kwh):.6g} kWh",
                ),
            )


def _by_product(users: Sequence[NodeRecord]) -> Iterator[list[NodeRecord]]:
    """The versions of each product, in the order given; what is not known to be one product is each its own."""
    groups: dict[object, list[NodeRecord]] = {}
    for record in users:
        groups.setdefault(record.sameness or record.digest, []).append(record)
    yield from groups.values()


def _uses_of_product(
    versions: Sequence[NodeRecord], drawn: Mapping[str, Sequence[int | Fraction | None]]
) -> Iterator[Use]:
    """What the versions of one product use up, each contract or certificate once."""
    if len(versions) == 1:
        yield from versions[0].instruments
        return
    spending: dict[str, dict[str, list[Use]]] = {}
    for record in versions:
        for use in record.instruments:
            spending.setdefault(use.key, {}).setdefault(record.digest, []).append(use)
    for key, by_version in spending.items():
        uses = [use for each in by_version.values() for use in each]
        spenders = [record for record in versions if record.digest in by_version]
        sums = [sum((use.spent_kwh for use in by_version[record.digest]), Fraction(0)) for record in spenders]
        spent = used_by_versions(list(zip(spenders, sums, strict=True)), drawn)
        issued = min(use.issued_kwh for use in uses)
        # All of it stands with the first, so that every version is named and none counts twice.
        names = dict.fromkeys(use.by for use in uses)
        yield from (Use(key, issued, Fraction(0) if number else spent, name) for number, name in enumerate(names))


def used_by_versions(
    used: Sequence[tuple[NodeRecord, Fraction]], drawn: Mapping[str, Sequence[int | Fraction | None]]
) -> Fraction:
    """What the versions of one product together use up of something: the most at once, or what buyers draw of all.

    Args:
        used: Each version with what it uses up by itself.
        drawn: As of `check_instruments`.
    """
    supplied = sum((amount * _supplied_share(record, drawn) for record, amount in used), Fraction(0))
    return max(most_at_once([(record.period, amount) for record, amount in used]), supplied)


def most_at_once(spent: Sequence[tuple[tuple[int, int], Fraction]]) -> Fraction:
    """The most that versions use up whose periods do not overlap: those that do speak of the same goods.

    Args:
        spent: Of each version, its period and what it uses up.
    """
    best: list[tuple[int, Fraction]] = [(0, Fraction(0))]  # up to which moment, the most until then
    for (start, end), kwh in sorted(spent, key=lambda each: each[0][1]):
        before = max(amount for until, amount in best if until <= start or not amount)
        best.append((end, max(before + kwh, best[-1][1])))
    return best[-1][1]


def _supplied_share(record: NodeRecord, drawn: Mapping[str, Sequence[int | Fraction | None]]) -> Fraction:
    """The share of a version's goods that buyers in this audit draw; all where that is not known, and of the top."""
    amounts = drawn.get(record.digest, ())
    if not amounts or not record.covered or any(amount is None for amount in amounts):
        return Fraction(1)
    total = sum((Fraction(amount) for amount in amounts if amount is not None), Fraction(0))
    return min(total / record.covered, Fraction(1))
