"""Read one record of a data file, and list everything in it that is missing or wrong, not only the first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from enum import StrEnum
from typing import Any, TypeVar

from passport.errors import DocumentError, PassportError, SchemaError
from passport.ledger_footprint.figures import Figure, Source, Spread, Status, figure
from passport.ledger_footprint.period import Period, PeriodKind
from passport.ledger_footprint.quantities import Q

MAX_PROBLEMS = 50
"""So many problems of one file are listed; the rest is counted."""

E = TypeVar("E", bound=StrEnum)


class Record:
    """A JSON object with its place in the file; problems of the whole file gather in one list.

    Args:
        data: The object.
        where: Its place, `chains.json: entries[3]`.
        problems: Where problems go.
        sources: The sources that figures may cite.
        subject: The name that inputs carry before their own.
    """

    def __init__(
        self,
        data: object,
        *,
        where: str,
        problems: list[str],
        sources: Mapping[str, Source],
        subject: str = "",
    ) -> None:
        self.where = where
        self.problems = problems
        self.sources = sources
        self.subject = subject
        self._seen: set[str] = set()
        if isinstance(data, dict):
            self.data: dict[str, Any] = data
        else:
            self.data = {}
            self.problem("", f"expected an object, found {type(data).__name__}")

    def problem(self, key: str, text: str) -> None:
        """Note what is wrong with a member."""
        self.problems.append(f"{self.where}{'.' if key else ''}{key}: {text}")

    def take(self, key: str, *, required: bool = True) -> Any:
        """A member as it stands, or None."""
        self._seen.add(key)
        found = self.data.get(key)
        if found is None and required:
            self.problem(key, "is missing")
        return found

    def text(self, key: str, *, required: bool = True) -> str:
        """A text; empty when it is missing."""
        found = self.take(key, required=required)
        if found is None:
            return ""
        if not isinstance(found, str) or not found:
            self.problem(key, f"expected a text, found {found!r:.60}")
            return ""
        return found

    def flag(self, key: str) -> bool:
        """True or false; false when it is missing."""
        found = self.take(key, required=False)
        if found is not None and not isinstance(found, bool):
            self.problem(key, f"expected true or false, found {found!r:.60}")
        return found is True

    def member(self, key: str, kind: type[E], *, otherwise: E) -> E:
        """One of an enumeration's words."""
        found = self.take(key)
        try:
            return kind(found)
        except ValueError:
            if found is not None:
                self.problem(key, f"expected one of {', '.join(kind)}, found {found!r:.60}")
            return otherwise

    def day(self, key: str) -> date:
        """A day, ISO 8601."""
        found = self.take(key)
        try:
            return date.fromisoformat(found)
        except (TypeError, ValueError):
            if found is not None:
                self.problem(key, f"expected a day such as 2024-12-31, found {found!r:.60}")
            return date.min

    def period(self, key: str) -> Period:
        """Days and whether numbers are their totals; both must be said."""
        record = self.record(key)
        first, last = record.day("first"), record.day("last")
        kind = record.member("kind", PeriodKind, otherwise=PeriodKind.TOTAL)
        record.finish()
        try:
            return Period(first, last, kind)
        except PassportError as error:
            self.problem(key, str(error))
            return Period(date.min, date.min)

    def figure(self, key: str, kind: type[Q], *, required: bool = True) -> Figure[Q] | None:
        """A figure with its unit and source, or None when it is missing or wrong."""
        found = self.take(key, required=required)
        if found is None:
            return None
        record = Record(
            found, where=f"{self.where}.{key}", problems=self.problems, sources=self.sources, subject=self.subject
        )
        before = len(self.problems)
        unit, cited = record.text("unit"), record.text("source")
        numbers = {name: record.take(name, required=name == "central") for name in ("low", "central", "high")}
        for name, number in numbers.items():
            if number is not None and (isinstance(number, bool) or not isinstance(number, int | float)):
                record.problem(name, f"expected a number, found {number!r:.60}")
        if cited and cited not in self.sources:
            record.problem("source", f"no such source in this file: {cited!r:.60}")
        filled, spread = record.flag("filled_in"), record.take("spread", required=False)
        if spread not in (None, *Spread):
            record.problem("spread", f"expected one of {', '.join(Spread)}, found {spread!r:.60}")
        record.finish()
        if len(self.problems) > before:
            return None
        try:
            return figure(
                kind,
                unit,
                numbers["central"],
                low=numbers["low"],
                high=numbers["high"],
                name=self.subject if key == "figure" else f"{self.subject}: {key.replace('_', ' ')}",
                source=self.sources[cited],
                is_filled_in=filled,
                spread=Spread(spread or Spread.SYSTEMATIC),
            )
        except PassportError as error:
            record.problem("", str(error))
            return None

    def need(self, key: str, kind: type[Q], *, instead: Q) -> Figure[Q]:
        """A figure that must be there; what stands in for a missing one is never seen, for the file is refused."""
        found = self.figure(key, kind)
        return Figure(instead, instead, instead) if found is None else found

    def record(self, key: str, *, required: bool = True) -> Record:
        """An object within this one."""
        found = self.take(key, required=required)
        return self._inner({} if found is None else found, f"{self.where}.{key}")

    def records(self, key: str, *, required: bool = False) -> Iterator[Record]:
        """The objects of a list."""
        found = self.take(key, required=required)
        if found is None:
            return
        if not isinstance(found, list):
            self.problem(key, "expected a list")
            return
        for number, each in enumerate(found):
            yield self._inner(each, f"{self.where}.{key}[{number}]")

    def finish(self) -> None:
        """Note members that nobody read: a mistyped name must not look like a missing number."""
        for key in self.data:
            if key not in self._seen:
                self.problem(str(key)[:60], "is not known here")

    def _inner(self, data: object, where: str) -> Record:
        return Record(data, where=where, problems=self.problems, sources=self.sources, subject=self.subject)


def read_sources(data: object, *, where: str, problems: list[str]) -> dict[str, Source]:
    """The sources of a file by their ids.

    Args:
        data: The file's member `sources`.
        where: The file.
        problems: Where problems go.
    """
    whole = Record(data, where=f"{where}: sources", problems=problems, sources={})
    found = {}
    for key in whole.data:
        record = whole.record(key)
        found[key] = Source(
            key,
            record.text("title"),
            record.text("date"),
            record.text("licence"),
            record.member("status", Status, otherwise=Status.UNVERIFIED),
        )
        record.finish()
    return found


def check_format(body: Any, expected: str, *, what: str, where: str) -> None:
    """Refuse a file that says it is of another format, or nothing at all.

    Args:
        body: What the file holds.
        expected: The format.
        what: What such a file is.
        where: The file.

    Raises:
        DocumentError: It is none.
    """
    stated = body.get("format") if isinstance(body, dict) else type(body).__name__
    if not isinstance(body, dict) or stated != expected:
        raise DocumentError(f"not {what}", where=where, expected=f"format {expected}", found=f"{stated!r:.80}")


@contextmanager
def refusing(where: str) -> Iterator[list[str]]:
    """A list of problems; if any are in it at the end, the file is refused with all of them.

    Args:
        where: The file.

    Raises:
        SchemaError: There were problems.
    """
    problems: list[str] = []
    yield problems
    if problems:
        shown = "; ".join(problems[:MAX_PROBLEMS])
        more = f"; and {len(problems) - MAX_PROBLEMS} more" if len(problems) > MAX_PROBLEMS else ""
        raise SchemaError(f"{len(problems)} problems: {shown}{more}", where=where)
