"""The annex of Delegated Regulation (EU) 2025/422 as data: fields S.1 to S.36, who states them, in which form.

Names, units and forms are those of the Official Journal (OJ L, 2025/422, 31.3.2025, annex, tables 1 to 4). A number of
`DECIMAL-n/m` has up to n digits in all, of which up to m stand after the point; it is rounded and not truncated.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum
from typing import Final

from passport.errors import ArithmeticRuleError

_TELLING = 3
"""A number that keeps fewer significant digits than these is given unrounded beside it."""

_UNROUNDED_DIGITS = 12


class Group(StrEnum):
    """Who has to state a field: tables 2, 3 and 4."""

    MANDATORY = "mandatory"
    SUPPLEMENTARY = "supplementary"
    OPTIONAL = "optional"


class Form(StrEnum):
    """How a field is written: table 1."""

    TEXT = "free alphanumerical text"
    DATE = "YYYY-MM-DD"
    AMOUNT = "DECIMAL-18/5"
    PERCENTAGE = "DECIMAL-11/10"


_DIGITS: Final = {Form.AMOUNT: (18, 5), Form.PERCENTAGE: (11, 10)}


@dataclass(frozen=True, slots=True)
class Field:
    """One field of the annex.

    Attributes:
        number: Its number.
        name: What it is.
        group: Who has to state it.
        form: How it is written.
        unit: Its unit, or None for text.
        in_unit: The unit that the estimator converts to, where it knows the number.
        reason: Why nothing is stated where nothing is.
        note: What of it the number holds, where that is not all.
    """

    number: str
    name: str
    group: Group
    form: Form = Form.TEXT
    unit: str | None = None
    in_unit: str | None = None
    reason: str = "not known to the estimator"
    note: str | None = None


def rounded(number: float, form: Form = Form.AMOUNT) -> str:
    """A number in the form of its field, half to even, without trailing zeros.

    Raises:
        ArithmeticRuleError: More digits before the point than the form has.
    """
    digits, places = _DIGITS[form]
    exact = Decimal(repr(float(number)))
    whole = max(exact.adjusted() + 1, 1)
    if whole > digits:
        raise ArithmeticRuleError("more digits than the field has", expected=form.value, found=f"{number:g}")
    text = format(exact.quantize(Decimal(1).scaleb(-min(places, digits - whole)), rounding=ROUND_HALF_EVEN), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def unrounded(number: float, form: Form = Form.AMOUNT) -> str | None:
    """The number itself where its form leaves too little of it, else None: 0.00000123 kWh is not nothing."""
    kept = Decimal(rounded(number, form))
    if not number or (kept and len(kept.as_tuple().digits) >= _TELLING) or kept == Decimal(repr(float(number))):
        return None
    return format(Decimal(f"{number:.{_UNROUNDED_DIGITS}g}").normalize(), "f")


_M, _S, _O = Group.MANDATORY, Group.SUPPLEMENTARY, Group.OPTIONAL
_T, _A, _P = Form.TEXT, Form.AMOUNT, Form.PERCENTAGE
FIELDS: Final = (
    Field("S.1", "Name", _M),
    Field("S.2", "Relevant legal entity identifier", _M),
    Field("S.3", "Name of the crypto-asset", _M),
    Field("S.4", "Consensus Mechanism", _M),
    Field("S.5", "Incentive Mechanisms and Applicable Fees", _M),
    Field("S.6", "Beginning of the period to which the disclosed information relates", _M, Form.DATE),
    Field("S.7", "End of the period to which the disclosed information relates", _M, Form.DATE),
    Field("S.8", "Energy consumption", _M, _A, "kWh per calendar year", "kWh"),
    Field("S.9", "Energy consumption sources and methodologies", _M),
    Field(
        "S.10",
        "Renewable energy consumption",
        _S,
        _P,
        "% of the energy used per calendar year",
        reason="the share of renewable energy is not stated",
    ),
    Field("S.11", "Energy intensity", _S, _A, "kWh per validated transaction", "kWh"),
    Field(
        "S.12",
        "Scope 1 DLT GHG emissions - Controlled",
        _S,
        _A,
        "t CO2e per calendar year",
        reason="emissions of sources that nodes control are not stated",
    ),
    Field("S.13", "Scope 2 DLT GHG emissions - Purchased", _S, _A, "t CO2e per calendar year", "t"),
    Field("S.14", "GHG intensity", _S, _A, "kg CO2e per validated transaction", "kg"),
    Field("S.15", "Key energy sources and methodologies", _S),
    Field("S.16", "Key GHG sources and methodologies", _S),
    Field("S.17", "Energy mix", _O, _P, "% of each primary energy source"),
    Field("S.18", "Energy use reduction", _O, _A, "kWh or %"),
    Field("S.19", "Carbon intensity", _O, _A, "kg CO2e per kWh", "kg/kWh"),
    Field(
        "S.20",
        "Scope 3 DLT GHG emissions - Value chain",
        _O,
        _A,
        "t CO2e per calendar year",
        "t",
        note="of making the hardware alone",
    ),
    Field("S.21", "GHG emissions reduction targets or commitments", _O),
    Field("S.22", "Generation of waste electrical and electronic equipment (WEEE)", _O, _A, "t per calendar year", "t"),
    Field("S.23", "Non-recycled WEEE ratio", _O, _P, "%", "%"),
    Field("S.24", "Generation of hazardous waste", _O, _A, "t per calendar year"),
    Field("S.25", "Generation of waste (all types)", _O, _A, "t"),
    Field("S.26", "Non-recycled waste ratio (all types)", _O, _P, "%"),
    Field("S.27", "Waste intensity (all types)", _O, _A, "g per validated transaction", "g", note="of WEEE alone"),
    Field("S.28", "Waste reduction targets or commitments (all types)", _O),
    Field("S.29", "Impact of the use of equipment on natural resources", _O),
    Field("S.30", "Natural resources use reduction targets or commitments", _O),
    Field("S.31", "Water use", _O, _A, "m3", "m3"),
    Field("S.32", "Non recycled water ratio", _O, _P, "%"),
    Field("S.33", "Other energy sources and methodologies", _O),
    Field("S.34", "Other GHG sources and methodologies", _O),
    Field("S.35", "Waste sources and methodologies", _O),
    Field("S.36", "Natural resources sources and methodologies", _O),
)

SOURCES_OF: Final = {
    "S.9": ("S.8",),
    "S.15": ("S.10", "S.11"),
    "S.16": ("S.12", "S.13", "S.14"),
    "S.33": ("S.17", "S.18"),
    "S.34": ("S.19", "S.20", "S.21"),
    "S.35": ("S.22", "S.23", "S.24", "S.25", "S.26", "S.27", "S.28"),
    "S.36": ("S.29", "S.30", "S.31", "S.32"),
}
"""Which fields each text of sources and methodologies is about; due where one of them is stated (articles 4 and 5)."""
