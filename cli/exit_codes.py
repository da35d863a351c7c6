"""What the exit code of `passport` says.

| code | meaning |
|---|---|
| 0 | done; for `audit` and `verify`: everything that was demanded passed |
| 1 | a check failed, a document was refused, or the chain refused a transaction |
| 2 | wrong usage: an unknown option, no workspace, a wrong passphrase |
| 3 | could not be decided or done now: a ledger, database or file is out of reach, or something is not at hand |
| 70 | our own bug; `--verbose` shows where |
| 130 | interrupted (Ctrl-C) |
| 141 | whoever read our output went away |
"""

from __future__ import annotations

from enum import IntEnum

from passport import errors
from passport.errors import PassportError


class ExitCode(IntEnum):
    """The codes by name."""

    DONE = 0
    REFUSED = 1
    USAGE = 2
    UNDECIDED = 3
    BUG = 70
    INTERRUPTED = 130
    BROKEN_PIPE = 141


CODES: dict[type[PassportError], ExitCode] = {
    errors.UsageError: ExitCode.USAGE,
    errors.PolicyError: ExitCode.USAGE,
    errors.SignerError: ExitCode.USAGE,
    errors.VerificationError: ExitCode.REFUSED,
    errors.SignatureError: ExitCode.REFUSED,
    errors.ProofError: ExitCode.REFUSED,
    errors.CheckpointRefusedError: ExitCode.REFUSED,
    errors.IssueError: ExitCode.REFUSED,
    errors.DocumentError: ExitCode.REFUSED,
    errors.AmountError: ExitCode.REFUSED,
    errors.UnitError: ExitCode.REFUSED,
    errors.ArithmeticRuleError: ExitCode.REFUSED,
    errors.CanonicalError: ExitCode.REFUSED,
    errors.CredentialError: ExitCode.REFUSED,
    errors.TransactionError: ExitCode.REFUSED,
    errors.ConflictError: ExitCode.REFUSED,
    errors.ResolutionError: ExitCode.UNDECIDED,
    errors.LedgerError: ExitCode.UNDECIDED,
    errors.StoreError: ExitCode.UNDECIDED,
    PassportError: ExitCode.REFUSED,
}
"""The code of each class of errors; a class that is not listed has its nearest ancestor's."""


def exit_code_of(error: PassportError) -> ExitCode:
    """The exit code that an error ends the command with.

    A file that cannot be read is out of reach, whatever was to be read from it.
    """
    if _is_out_of_reach(error):
        return ExitCode.UNDECIDED
    for ancestor in type(error).__mro__:
        code = CODES.get(ancestor)
        if code is not None:
            return code
    return ExitCode.REFUSED


def _is_out_of_reach(error: PassportError) -> bool:
    if isinstance(error, errors.UsageError | errors.SignerError):
        return False
    problems = getattr(error, "problems", ())
    if problems:
        return all(isinstance(problem, PassportError) and _is_out_of_reach(problem) for problem in problems)
    return isinstance(error.__cause__, OSError)
