"""What passports have spent of contracts and certificates of electricity: each is spent once, by quantity.

A use is given back only when the passport's successor is issued, in the same transaction; a revocation alone gives
nothing back, because whoever built on the passport still counts on it. For the same reason a passport that still
supplies somebody gives back no more than its successor spends anew: both speak of the same goods.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, insert, select, update

from passport.carbon.electricity import Use
from passport.errors import ConflictError, StoreError
from passport.store.engine import insert_or_ignore
from passport.store.schema import instrument_uses, instruments
from passport.store.session import Session

_LOCK = (
    select(instruments.c.id, instruments.c.issued_kwh).where(instruments.c.key == bindparam("key")).with_for_update()
)


class Replaced(NamedTuple):
    """A passport in whose place a new one comes.

    Attributes:
        passport_id: Its id.
        still_supplies: Somebody is built on it, and counts on what it spent.
    """

    passport_id: str
    still_supplies: bool = False


class InstrumentUses(Session):
    """The repository of what was spent of contracts and certificates."""

    def spend(self, uses: Sequence[Use], *, passport_id: str, replaces: Sequence[Replaced] = ()) -> None:
        """Write down what a new passport uses up, all or nothing; processes wait for one another.

        Args:
            uses: What it uses; `by` is not looked at.
            passport_id: The new passport.
            replaces: The passports it is the successor of, directly or through others: their uses are given back,
                those of one that still supplies somebody as far as the new one spends the same instruments.

        Raises:
            ConflictError: More than there is left of an instrument, or an instrument that was stated with another
                quantity before; names the passports that spent it.
        """
        wanted: defaultdict[str, Fraction] = defaultdict(Fraction)
        issued: dict[str, Fraction] = {}
        for use in uses:
            wanted[use.key] += use.spent_kwh
            if issued.setdefault(use.key, use.issued_kwh) != use.issued_kwh:
                raise _differently(use.key, issued[use.key], use.issued_kwh, ())
        if not wanted and not replaces:
            return
        with self.transaction(), self._writing() as connection:
            if replaces:
                self._give_back(connection, replaces, passport_id, wanted)
            for key in sorted(wanted):  # in one order for all, so that two never wait for each other
                instrument_id = self._instrument(connection, key, issued[key])
                self._refuse_overspending(connection, instrument_id, key, issued[key], wanted[key])
                connection.execute(
                    insert(instrument_uses),
                    {"instrument_id": instrument_id, "passport_id": passport_id, "spent_kwh": str(wanted[key])},
                )

    def _give_back(
        self, connection: Connection, replaces: Sequence[Replaced], by: str, wanted: Mapping[str, Fraction]
    ) -> None:
        """Take the uses of the replaced back, all but what is kept for those that still supply somebody."""
        rows = connection.execute(
            select(instrument_uses, instruments.c.key)
            .join(instruments, instruments.c.id == instrument_uses.c.instrument_id)
            .where(instrument_uses.c.passport_id.in_([each.passport_id for each in replaces if each.still_supplies]))
        ).all()
        for each in replaces:
            given_back = instrument_uses.c.passport_id == each.passport_id, instrument_uses.c.replaced_by.is_(None)
            connection.execute(update(instrument_uses).where(*given_back).values(replaced_by=by))
        kept: dict[int, tuple[Fraction, str]] = {}
        for row in rows:
            # The first of a passport's uses is the whole of it, later ones are what was kept of that.
            rest = Fraction(row.spent_kwh) - wanted.get(row.key, Fraction(0))
            most, _ = kept.get(row.instrument_id, (Fraction(0), ""))
            if rest > most:
                kept[row.instrument_id] = rest, row.passport_id
        for instrument_id, (rest, passport_id) in kept.items():
            connection.execute(
                insert(instrument_uses),
                {"instrument_id": instrument_id, "passport_id": passport_id, "spent_kwh": str(rest)},
            )

    def uses_of(self, key: str) -> list[Use]:
        """What is spent of an instrument and not given back, in the order it was spent."""
        with self._reading() as connection:
            return self._uses(connection, instruments.c.key == key, key)

    def _instrument(self, connection: Connection, key: str, issued: Fraction) -> int:
        """The instrument's row, kept from other writers until the transaction ends."""
        connection.execute(insert_or_ignore(connection, instruments), {"key": key, "issued_kwh": str(issued)})
        row = connection.execute(_LOCK, {"key": key}).one_or_none()
        if row is None:
            raise StoreError("an instrument that was just written is missing", where=key)
        if Fraction(row.issued_kwh) != issued:
            by = [use.by for use in self._uses(connection, instruments.c.id == row.id, key)]
            raise _differently(key, Fraction(row.issued_kwh), issued, by)
        return int(row.id)

    def _refuse_overspending(
        self, connection: Connection, instrument_id: int, key: str, issued: Fraction, wanted: Fraction
    ) -> None:
        uses = self._uses(connection, instruments.c.id == instrument_id, key)
        left = issued - sum((use.spent_kwh for use in uses), Fraction(0))
        if wanted > left:
            raise ConflictError(
                "the instrument is spent",
                where=key,
                expected=f"at most {float(left):.6g} kWh of {float(issued):.6g}",
                found=f"{float(wanted):.6g} kWh" + _spent_by([use.by for use in uses]),
                hint="use another one for the rest, or replace the passport that spent it",
            )

    def _uses(self, connection: Connection, which: object, key: str) -> list[Use]:
        rows = connection.execute(
            select(instruments.c.issued_kwh, instrument_uses.c.spent_kwh, instrument_uses.c.passport_id)
            .join(instruments, instruments.c.id == instrument_uses.c.instrument_id)
            .where(which, instrument_uses.c.replaced_by.is_(None))  # type: ignore[arg-type]  # a comparison of columns
            .order_by(instrument_uses.c.id)
        )
        return [Use(key, Fraction(row.issued_kwh), Fraction(row.spent_kwh), row.passport_id) for row in rows]


def _differently(key: str, before: Fraction, now: Fraction, by: Sequence[str]) -> ConflictError:
    return ConflictError(
        "the instrument was stated with another quantity",
        where=key,
        expected=f"{float(before):.6g} kWh{_spent_by(by)}",
        found=f"{float(now):.6g} kWh",
    )


def _spent_by(passports: Sequence[str]) -> str:
    return f", spent by {', '.join(passports)}" if passports else ""
