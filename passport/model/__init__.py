"""The documents: amounts, units, parties, inventory, rows, statement, passport, and our own JSON Schemas."""
