"""Every kind of signed statement about a ledger, by the format that it names."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from passport.ledger_reports.report import LedgerFootprintReport
from passport.ledger_reports.statements import HardwareHandover, HardwareReceipt, MeterReading
from passport.model.base import DocumentModel

_LISTED: Final[tuple[type[DocumentModel], ...]] = (
    MeterReading,
    HardwareHandover,
    HardwareReceipt,
    LedgerFootprintReport,
)
KINDS: Final[Mapping[str, type[DocumentModel]]] = MappingProxyType(
    {str(each.model_fields["format"].default): each for each in _LISTED}
)
"""Kinds by format."""
