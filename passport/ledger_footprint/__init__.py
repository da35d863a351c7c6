"""The estimator of what the ledger itself costs: energy, greenhouse gases, embodied, e-waste and water.

Profiles of chains, and shares per gas, per transaction and per passport with its batch, belong here; passports do not.
"""
