"""Judging passports: one check a module, policies, the audit walk, and its report.

    from verifier import Verifier, read_trust

    report = Verifier.of(workspace, read_trust(Path("trust.json"))).audit(digest)

`verifier.audit` is the function. The module of that name is loaded here, once, so that the function stands before it
whoever else imports from the module later.
"""

from verifier.audit import Settings, audit, verify
from verifier.policy import default_policy, strict_policy
from verifier.report import Report, Verdict
from verifier.trust import Trust, read_trust, trust_in
from verifier.verifier import Verifier

__all__ = [
    "Report",
    "Settings",
    "Trust",
    "Verdict",
    "Verifier",
    "audit",
    "default_policy",
    "read_trust",
    "strict_policy",
    "trust_in",
    "verify",
]
