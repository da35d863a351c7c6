"""The footprint arithmetic that anyone can re-do: exact contributions, sums, shares and data quality.

Amounts are whole numbers of quanta (1e-15 of their unit), so every sum is exact and the one rounding of a contribution
is the only one; see `passport.arithmetic.quanta`.
"""

from passport.arithmetic.contribution import Contribution, StatedFootprint, contribute, emit, total_of
from passport.arithmetic.quality import QualityInput, data_quality, exempted_percent, primary_data_share
from passport.arithmetic.scale import Scale, factor_scale, passport_scale, period_scale
from passport.arithmetic.totals import Totals, sum_contributions

__all__ = [
    "Contribution",
    "QualityInput",
    "Scale",
    "StatedFootprint",
    "Totals",
    "contribute",
    "data_quality",
    "emit",
    "exempted_percent",
    "factor_scale",
    "passport_scale",
    "period_scale",
    "primary_data_share",
    "sum_contributions",
    "total_of",
]
