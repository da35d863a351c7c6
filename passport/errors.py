"""The one family of exceptions that every package of this project raises.

PassportError
  AmountError (ValueError)        a number that is not an exact amount in its one spelling
  UnitError (ValueError)          an unknown unit, or units of different dimensions
  DocumentError (ValueError)      a document that cannot be read; carries where, expected, found, hint
    SchemaError                   ... because its shape is wrong
    BoundError                    ... because it is larger or deeper than we read
  ArithmeticRuleError (ValueError)  amounts that break a rule of the footprint arithmetic
  GraphError (ValueError)         columns that make no supply graph, or a question that it has no answer to
    UnproductiveError             ... because a loop of products needs as much of itself as it makes
  CanonicalError (ValueError)     a value that has no RFC 8785 form, or bytes that are not in it
  CredentialError                 keys, identifiers and proofs
    SignerError                   a key that cannot be opened or used
    SignatureError                a proof that does not verify
    ResolutionError               a DID that cannot be resolved
    DeliveryError                 a delivery that does not bear out the purchase that names it
    DisclosureError               what is shown is not what was committed to, or not what the reader may see
  LedgerError                     anything about the chain or the log
    LedgerUnavailableError        out of reach: asking again later may help
    WrongChainError               another chain, contract or genesis than expected
    TransactionError              the chain refused a transaction
    NodeError                     a node refused a call for a reason of its own
    ProofError                    a log or state proof that does not hold
    CheckpointRefusedError        a checkpoint that a witness must not cosign
    OrderRefusedError             a signed order that a relay does not carry out
  StoreError                      the database refused or is inconsistent
    NotFoundError (LookupError)   asked for something that is not stored
    ConflictError                 two different things under one name
    ReservationError              a leaf index that can no longer be signed for
  IssueError                      a passport that must not be issued
  VerificationError               raised by `verify` when a policy is not met
  PolicyError (ValueError)        a policy that demands nothing
  UsageError (ValueError)         wrong use of a command or function
"""

from __future__ import annotations


class PassportError(Exception):
    """Root of every error raised here; its message says what to do.

    Args:
        message: What went wrong, in a sentence.
        where: The path, line or field that is meant.
        expected: What was expected there.
        found: What was found instead.
        hint: How to mend it.
    """

    def __init__(
        self,
        message: str,
        *,
        where: str | None = None,
        expected: object = None,
        found: object = None,
        hint: str | None = None,
    ) -> None:
        self.message = message
        self.where = where
        self.expected = expected
        self.found = found
        self.hint = hint
        super().__init__(message)

    def __str__(self) -> str:
        """The message followed by every fact that is known, in a fixed order."""
        text = f"{_short(self.where, 1000)}: {self.message}" if self.where else self.message
        if self.expected is not None:
            text += f"; expected {_short(self.expected, 1000)}"
        if self.found is not None:
            text += f"; found {_short(self.found)}"
        if self.hint:
            text += f" (hint: {self.hint})"
        return text


def _short(found: object, limit: int = 200) -> str:
    """Cut what an outsider supplied, so that an error line stays a line."""
    text = str(found)
    return text if len(text) <= limit else f"{text[:limit]}... ({len(text)} characters)"


class AmountError(PassportError, ValueError):
    """A number that is not an exact amount in its one spelling."""


class UnitError(PassportError, ValueError):
    """An unknown unit, or units of different dimensions."""


class DocumentError(PassportError, ValueError):
    """A document that cannot be read."""


class SchemaError(DocumentError):
    """A document whose shape is not the one its format prescribes."""


class BoundError(DocumentError):
    """A document larger or deeper than the bounds we read within."""


class ArithmeticRuleError(PassportError, ValueError):
    """Amounts that break a rule of the footprint arithmetic."""


class GraphError(PassportError, ValueError):
    """Columns that make no supply graph, or a question that it has no answer to."""


class UnproductiveError(GraphError):
    """A loop of products needs at least one unit of itself for each unit it makes, so no footprint exists.

    Args:
        message: What went wrong, in a sentence.
        loop: The products of the loop, each a supplier of the next and the last one of the first.
        where: As in `PassportError`.
        expected: As in `PassportError`.
        found: As in `PassportError`.
        hint: As in `PassportError`.
    """

    def __init__(
        self,
        message: str,
        *,
        loop: tuple[int, ...] = (),
        where: str | None = None,
        expected: object = None,
        found: object = None,
        hint: str | None = None,
    ) -> None:
        self.loop = loop
        super().__init__(message, where=where, expected=expected, found=found, hint=hint)


class CanonicalError(PassportError, ValueError):
    """A value that has no RFC 8785 form, or bytes that are not in it."""


class CredentialError(PassportError):
    """Keys, identifiers and proofs."""


class SignerError(CredentialError):
    """A key that cannot be opened or used."""


class SignatureError(CredentialError):
    """A proof that does not verify."""


class ResolutionError(CredentialError):
    """A DID that cannot be resolved."""


class DeliveryError(CredentialError):
    """A delivery that does not bear out the purchase that names it."""


class DeliveryRefusedError(DeliveryError):
    """A delivery that is not taken in.

    Args:
        message: Why not, in a sentence.
        reason: The kind of refusal: the last part of its problem type.
        where: As in `PassportError`.
        expected: As in `PassportError`.
        found: As in `PassportError`.
        hint: As in `PassportError`.
    """

    def __init__(
        self,
        message: str,
        *,
        reason: str = "invalid-delivery",
        where: str | None = None,
        expected: object = None,
        found: object = None,
        hint: str | None = None,
    ) -> None:
        self.reason = reason
        super().__init__(message, where=where, expected=expected, found=found, hint=hint)


class DisclosureError(CredentialError):
    """What is shown is not what was committed to, or not exactly what the reader may see."""


class LedgerError(PassportError):
    """Anything about the chain or the log."""


class LedgerUnavailableError(LedgerError):
    """The chain is out of reach; asking again later may help."""


class WrongChainError(LedgerError):
    """Another chain, contract or genesis block than expected."""


class TransactionError(LedgerError):
    """The chain refused a transaction."""


class NodeError(LedgerError):
    """A node refused a call for a reason of its own; its number and words are kept for whoever can read them.

    Args:
        message: What went wrong, in a sentence.
        code: JSON-RPC's number.
        said: The node's words.
        data: What it adds, usually the bytes a contract reverted with.
        where: As in `PassportError`.
        expected: As in `PassportError`.
        found: As in `PassportError`.
        hint: As in `PassportError`.
    """

    def __init__(
        self,
        message: str,
        *,
        code: int = 0,
        said: str = "",
        data: object = None,
        where: str | None = None,
        expected: object = None,
        found: object = None,
        hint: str | None = None,
    ) -> None:
        self.code = code
        self.said = said
        self.data = data
        super().__init__(message, where=where, expected=expected, found=found, hint=hint)


class ProofError(LedgerError):
    """A log proof or state proof that does not hold."""


class OrderRefusedError(LedgerError):
    """A signed order that a relay does not carry out.

    Args:
        message: Why not, in a sentence.
        reason: The kind of refusal: the last part of its problem type.
        retry_after_s: In how many seconds it may be taken; None where time alone does not help.
        where: As in `PassportError`.
        expected: As in `PassportError`.
        found: As in `PassportError`.
        hint: As in `PassportError`.
    """

    def __init__(
        self,
        message: str,
        *,
        reason: str = "invalid-order",
        retry_after_s: int | None = None,
        where: str | None = None,
        expected: object = None,
        found: object = None,
        hint: str | None = None,
    ) -> None:
        self.reason = reason
        self.retry_after_s = retry_after_s
        super().__init__(message, where=where, expected=expected, found=found, hint=hint)


class CheckpointRefusedError(LedgerError):
    """A checkpoint that a witness must not cosign.

    Args:
        message: What is wrong with it, in a sentence.
        status: The same as a status code of HTTP.
        last_size: Leaves in the checkpoint that it cosigned last, where the log must prove growth from that.
        retry_after_s: In how many seconds it may be taken, where waiting helps.
        where: As in `PassportError`.
        expected: As in `PassportError`.
        found: As in `PassportError`.
        hint: As in `PassportError`.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        last_size: int | None = None,
        retry_after_s: int | None = None,
        where: str | None = None,
        expected: object = None,
        found: object = None,
        hint: str | None = None,
    ) -> None:
        self.status = status
        self.last_size = last_size
        self.retry_after_s = retry_after_s
        super().__init__(message, where=where, expected=expected, found=found, hint=hint)


class StoreError(PassportError):
    """The database refused an operation or is inconsistent."""


class NotFoundError(StoreError, LookupError):
    """Asked for something that is not stored."""


class ConflictError(StoreError):
    """Two different things under one name."""


class ReservationError(StoreError):
    """A leaf index that can no longer be signed for."""


class IssueError(PassportError):
    """A passport that must not be issued."""


class VerificationError(PassportError):
    """Raised by `verify` when the policy is not met."""


class PolicyError(PassportError, ValueError):
    """A policy that demands nothing."""


class UsageError(PassportError, ValueError):
    """Wrong use of a command or function."""
