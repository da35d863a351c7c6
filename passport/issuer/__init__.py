"""The front door of the SDK: `Issuer` turns inventories into signed, stored passports with a place in the log.

issued = issuer.issue(inventory)     # footprint, statement, rows, passport: signed and stored
issuer.anchor()                      # the batch's checkpoint goes to the chain
"""

from passport.issuer.calculation import Calculated
from passport.issuer.issuing import Issuer
from passport.issuer.ledger_ceiling import stated_ceiling, suggested_ceiling
from passport.issuer.order import order_inventories
from passport.issuer.standing import ChainStanding, Standing
from passport.issuer.values import CREDENTIAL_TYPE, STATEMENT_TYPE, Accept, IssuedPassport, LogPlace

__all__ = [
    "CREDENTIAL_TYPE",
    "STATEMENT_TYPE",
    "Accept",
    "Calculated",
    "ChainStanding",
    "IssuedPassport",
    "Issuer",
    "LogPlace",
    "Standing",
    "order_inventories",
    "stated_ceiling",
    "suggested_ceiling",
]
