"""Judging passports: one check a module, policies, the audit walk, and its report."""
