"""Which legal entity is meant: by its id, or by the scheme and identifier under which it is registered and in force."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Annotated

import typer

from cli.names import ISSUER_ID
from passport.errors import ConflictError, LedgerUnavailableError, UsageError

if TYPE_CHECKING:
    from cli.output import Output
    from passport.ledger import IssuerId, RegistryView
    from passport.ledger.registry_records import IssuerRecord
    from passport.workspace import Workspace

EntityArgument = Annotated[
    str, typer.Argument(help="An entity's id, or SCHEME:IDENTIFIER.", metavar="ENTITY", show_default=False)
]


def is_entity_name(name: str) -> bool:
    """Whether a name has the shape of SCHEME:IDENTIFIER, of a scheme that is known."""
    from passport.ledger import SCHEMES

    return name.partition(":")[0] in SCHEMES and ":" in name


def entity_id(registry: RegistryView, name: str) -> IssuerId:
    """The id of an entity by its id, or of the registration that is in force of its scheme and identifier.

    Args:
        registry: The registry as of some block.
        name: As somebody typed it.

    Raises:
        UsageError: Neither.
        LedgerError: The identifier is malformed.
        NotFoundError: Nobody is registered by that identifier, or nobody any more.
    """
    from passport.ledger import IssuerId

    if ISSUER_ID.match(name):
        return IssuerId(name)
    return registry.in_force(*_parts(name)).issuer_id


def annulled_registrations(registry: RegistryView, name: str) -> tuple[IssuerRecord, ...]:
    """The annulled registrations of a scheme and identifier, oldest first; none for an id.

    Raises:
        LedgerError: The identifier is malformed.
    """
    if ISSUER_ID.match(name):
        return ()
    return tuple(each for each in registry.registrations(*_parts(name)) if each.void_from is not None)


def entity_of_log(output: Output, workspace: Workspace, name: str, logs_at_hand: Collection[str]) -> str:
    """The id of the entity whose log is meant: the one in force, or without a chain the one whose log is at hand.

    Args:
        output: Where it is said that no chain was asked.
        workspace: Whose chain.
        name: As somebody typed it.
        logs_at_hand: Ids of the entities whose logs are at hand.

    Raises:
        UsageError: No name of an entity.
        NotFoundError: Nobody is registered by that identifier, or nobody any more.
        ConflictError: The chain is out of reach, and logs of several registrations are at hand.
    """
    from passport.ledger import Address, RegistryView, issuer_id
    from passport.ledger.entity import MAX_GENERATIONS

    if ISSUER_ID.match(name):
        return name
    scheme, identifier = _parts(name)
    try:
        state = workspace.ledger.state(workspace.ledger.final_head())
        return entity_id(RegistryView(state, Address(workspace.chain.registry)), name)
    except LedgerUnavailableError as problem:
        ids = [issuer_id(scheme, identifier, generation) for generation in range(MAX_GENERATIONS)]
        held = [each for each in ids if each in logs_at_hand]
        if len(held) == 1:
            output.remark(output.word("log.not_asked", issuer_id=held[0], problem=problem), style="yellow")
            return held[0]
        if not held:
            raise problem
        raise ConflictError(
            "several registrations of that identifier have logs here, and no chain is in reach to tell them apart",
            where=name,
            found=", ".join(held),
            hint="name the one that is meant by its id",
        ) from problem


def _parts(name: str) -> tuple[str, str]:
    scheme, colon, identifier = name.partition(":")
    if not colon:
        raise UsageError(
            "not an entity", where="ENTITY", expected="an id (0x and 64 digits), or SCHEME:IDENTIFIER", found=name
        )
    return scheme, identifier
