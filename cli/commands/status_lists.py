"""`passport lists`: sign the status lists that this company's passports name, as the chain says now."""

from __future__ import annotations

from cli.session import Session, command

EXAMPLES = """\
passport lists                              after a revocation, and every few weeks: lists are valid for 30 days
passport publish                            puts them where their URLs lead
"""


@command(passphrase=True)
def lists(session: Session) -> None:
    """W3C Bitstring Status Lists, for readers who know no chain. Audits report where one differs from the chain.

    Passports name an entry when they are issued with `passport issue --status-list`.
    """
    output = session.output
    with session.open_company() as workspace:
        signed = workspace.sign_status_lists(session.passphrase())
    for each in signed:
        output.result(output.word("lists.done", url=each.url, passports=each.passports, listed=each.listed))
    if not signed:
        output.remark(output.word("lists.none"))
    output.document(
        {"lists": [{"url": each.url, "passports": each.passports, "listed": each.listed} for each in signed]}
    )
