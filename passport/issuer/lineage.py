"""Links of a new passport up to those of its batch and model, and back to those of former lives."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from typing import Final

from passport.errors import IssueError
from passport.filing import is_signed_by_issuer
from passport.issuer.upstream import facts_in
from passport.issuer.values import CREDENTIAL_TYPE
from passport.model.credential import LINK_BATCH, LINK_FORMER, LINK_MODEL, Link
from passport.model.digest import Digest
from passport.model.facts import PassportFacts
from passport.model.inventory import Inventory
from passport.model.lineage import broken_link
from passport.store import DocumentKind, Store

_LINKS: Final = {
    "model": (LINK_MODEL, "Passport of the model"),
    "batch": (LINK_BATCH, "Passport of the batch"),
    "former": (LINK_FORMER, "Passport of a former life"),
}


def lineage_of(store: Store, inventory: Inventory) -> tuple[Link, ...]:
    """Pin the passports that an inventory links to.

    Args:
        store: Where they are, our own or received.
        inventory: What is to be issued.

    Raises:
        IssueError: One is not here, several documents go by its id, or its issuer did not sign it.
    """
    return tuple(
        Link(facts.id, _LINKS[kind][1], facts.digest, CREDENTIAL_TYPE, _LINKS[kind][0])
        for kind, facts in _linked(store, inventory)
    )


def check_lineage(store: Store, facts: PassportFacts, *, used: Collection[str] = ()) -> None:
    """Refuse a passport whose links the linked passports do not bear out: every audit would fail `agreement`.

    Args:
        store: Where the linked passports are.
        facts: Of the new passport.
        used: Digests of the passports that it is calculated with.

    Raises:
        IssueError: There is such a link; or a former life is an input too, and its footprint would be counted twice.
    """
    times = Counter(pin.digest for _, pin in facts.links)
    for kind, pin in facts.links:
        where = f"{facts.subject_id}: links.{kind}"
        if times[pin.digest] > 1:
            raise IssueError("one passport is linked to twice", where=where, expected="once", found=pin.url)
        if kind == "former" and pin.digest in used:
            raise IssueError(
                "a former life is an input too, so that its footprint would be counted in both lives",
                where=where,
                found=pin.url,
                hint="leave the input out: what the goods emitted before stays with their former passport",
            )
    for kind, pin in facts.links:
        broken = broken_link(kind, facts, facts_in(store, Digest(pin.digest)))
        if broken is not None:
            raise IssueError(
                f"link to {kind}: {broken.message}",
                where=f"{facts.subject_id}: links.{kind}",
                expected=broken.expected,
                found=f"{broken.found}, by {pin.url}",
            )


def _linked(store: Store, inventory: Inventory) -> Iterator[tuple[str, PassportFacts]]:
    links = inventory.links
    if links is None:
        return
    for kind, names in (
        ("model", [links.model] if links.model else []),
        ("batch", [links.batch] if links.batch else []),
        ("former", list(links.former)),
    ):
        for name in names:
            refs = store.find_documents(DocumentKind.PASSPORT, document_id=name)
            refs = [ref for ref in refs if ref.own] or refs  # of our own ids, nobody else's document counts
            if len({ref.digest for ref in refs}) != 1:
                raise IssueError(
                    "the passport that is linked to is not here" if not refs else "several documents go by that id",
                    where=f"{inventory.product.id}: links.{kind}",
                    found=name,
                    hint="take it in first: `passport import`" if not refs else None,
                )
            digest = Digest(refs[0].digest)
            if is_signed_by_issuer(store, store.get_document(DocumentKind.PASSPORT, digest)) is False:
                raise IssueError(
                    "no key of its issuer signed the passport that is linked to",
                    where=f"{inventory.product.id}: links.{kind}",
                    found=name,
                    hint="take in its issuer's own publication: `passport import`",
                )
            yield kind, facts_in(store, digest)
