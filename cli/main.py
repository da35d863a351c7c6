"""The console script `passport`: commands put together, and the one place where errors end."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Callable, Sequence
from typing import Annotated, Final

import typer

from cli.catalogue import Language, language_of, word
from cli.commands import (
    anchor,
    attest,
    audit,
    bundle,
    chain_deploy,
    chain_pause,
    chain_providers,
    chain_status,
    compute,
    deliver,
    demo,
    import_,
    init,
    issue,
    keys,
    ledger_breakeven,
    ledger_compare,
    ledger_datacentre,
    ledger_disclosure,
    ledger_estimate,
    ledger_grid,
    ledger_measure,
    ledger_nodes,
    ledger_paradox,
    ledger_profile,
    ledger_rebound,
    ledger_report,
    ledger_sign,
    ledger_sign_report,
    ledger_verify_report,
    ledger_watch,
    log,
    log_cosign,
    plot,
    present,
    profile,
    publish,
    register,
    registry,
    registry_anchor,
    registry_control,
    registry_entities,
    registry_organisation,
    registry_registrars,
    registry_wallets,
    relay,
    schema,
    serve,
    show,
    status,
    status_lists,
    trust,
    verify,
    who,
    witness_serve,
)
from cli.errors import guarded

_HELP_OPTIONS: Final = {"help_option_names": ["-h", "--help"]}

COMMANDS: Final[tuple[tuple[str, Callable[..., None], str], ...]] = (
    ("init", init.init, init.EXAMPLES),
    ("register", register.register_or_bind, register.SHORT_EXAMPLES),
    ("issue", issue.issue, issue.EXAMPLES),
    ("anchor", anchor.anchor, anchor.EXAMPLES),
    ("publish", publish.publish, publish.EXAMPLES),
    ("import", import_.import_, import_.EXAMPLES),
    ("show", show.show, show.EXAMPLES),
    ("audit", audit.audit, audit.EXAMPLES),
    ("verify", verify.verify, verify.EXAMPLES),
    ("deliver", deliver.deliver, deliver.EXAMPLES),
    ("attest", attest.attest, attest.EXAMPLES),
    ("present", present.present, present.EXAMPLES),
    ("bundle", bundle.bundle, bundle.EXAMPLES),
    ("who", who.who, who.EXAMPLES),
    ("status", status.status, status.STATUS_EXAMPLES),
    ("revoke", status.revoke, status.REVOKE_EXAMPLES),
    ("suspend", status.suspend, status.SUSPEND_EXAMPLES),
    ("reinstate", status.reinstate, status.REINSTATE_EXAMPLES),
    ("supersede", status.supersede, status.SUPERSEDE_EXAMPLES),
    ("lists", status_lists.lists, status_lists.EXAMPLES),
    ("compute", compute.compute, compute.EXAMPLES),
    ("plot", plot.plot, plot.EXAMPLES),
    ("trust", trust.trust, trust.EXAMPLES),
    ("schema", schema.schema, schema.EXAMPLES),
    ("serve", serve.serve, serve.EXAMPLES),
    ("relay", relay.relay, relay.EXAMPLES),
    ("demo", demo.demo, demo.EXAMPLES),
)
KEY_COMMANDS: Final[tuple[tuple[str, Callable[..., None], str], ...]] = (
    ("list", keys.list_keys, keys.LIST_EXAMPLES),
    ("rotate", keys.rotate, keys.ROTATE_EXAMPLES),
    ("backup", keys.backup, keys.BACKUP_EXAMPLES),
    ("restore", keys.restore, keys.RESTORE_EXAMPLES),
    ("state-account", keys.state_account, keys.STATE_EXAMPLES),
    ("linked-accounts", keys.linked_accounts, keys.LINKED_EXAMPLES),
)
LOG_COMMANDS: Final[tuple[tuple[str, Callable[..., None], str], ...]] = (
    ("export", log.export, log.EXPORT_EXAMPLES),
    ("verify", log.verify, log.VERIFY_EXAMPLES),
    ("void-nonces", log.void_nonces, log.VOID_NONCES_EXAMPLES),
    ("witness-init", log.witness_init, log.WITNESS_INIT_EXAMPLES),
    ("witness", log.witness, log.WITNESS_EXAMPLES),
    ("witness-serve", witness_serve.witness_serve, witness_serve.EXAMPLES),
    ("cosign", log_cosign.cosign, log_cosign.EXAMPLES),
)
PROFILE_COMMANDS: Final[tuple[tuple[str, Callable[..., None], str], ...]] = (
    ("list", profile.list_profiles, profile.LIST_EXAMPLES),
    ("show", profile.show, profile.SHOW_EXAMPLES),
    ("check", profile.check, profile.CHECK_EXAMPLES),
)
CHAIN_COMMANDS: Final[tuple[tuple[str, Callable[..., None], str], ...]] = (
    ("deploy", chain_deploy.chain_deploy, chain_deploy.EXAMPLES),
    ("status", chain_status.chain_status, chain_status.STATUS_EXAMPLES),
    ("accounts", chain_status.chain_accounts, chain_status.ACCOUNTS_EXAMPLES),
    ("providers", chain_providers.chain_providers, chain_providers.EXAMPLES),
    ("pause", chain_pause.pause, chain_pause.PAUSE_EXAMPLES),
    ("request-unpause", chain_pause.request_unpause, chain_pause.REQUEST_EXAMPLES),
    ("unpause", chain_pause.unpause, chain_pause.UNPAUSE_EXAMPLES),
)
REGISTRY_COMMANDS: Final[tuple[tuple[str, Callable[..., None], str], ...]] = (
    ("show", registry.show, registry.SHOW_EXAMPLES),
    ("check-anchor", registry_anchor.check_anchor, registry_anchor.EXAMPLES),
    ("register", register.register, register.REGISTER_EXAMPLES),
    ("bind-key", register.bind_key, register.BIND_EXAMPLES),
    ("account-message", registry_wallets.account_message, registry_wallets.MESSAGE_EXAMPLES),
    ("bind-account", registry_wallets.bind_account, registry_wallets.BIND_EXAMPLES),
    ("retire-key", registry.retire_key, registry.RETIRE_EXAMPLES),
    ("report-compromise", registry.report_compromise, registry.COMPROMISE_EXAMPLES),
    ("organisation-message", registry_organisation.organisation_message, registry_organisation.MESSAGE_EXAMPLES),
    ("prove-organisation-key", registry_organisation.prove_organisation_key, registry_organisation.PROVE_EXAMPLES),
    ("set-controller", registry_control.set_controller, registry_control.SET_CONTROLLER_EXAMPLES),
    ("request-recovery", registry_control.request_recovery, registry_control.REQUEST_EXAMPLES),
    ("veto-recovery", registry_control.veto_recovery, registry_control.VETO_EXAMPLES),
    ("execute-recovery", registry_control.execute_recovery, registry_control.EXECUTE_EXAMPLES),
    ("request-link", registry_entities.request_link, registry_entities.REQUEST_LINK_EXAMPLES),
    ("link", registry_entities.link, registry_entities.LINK_EXAMPLES),
    ("set-roles", registry_entities.set_roles, registry_entities.ROLES_EXAMPLES),
    ("update-evidence", registry_entities.update_evidence, registry_entities.EVIDENCE_EXAMPLES),
    ("suspend", registry.suspend, registry.SUSPEND_EXAMPLES),
    ("reinstate", registry.reinstate, registry.REINSTATE_EXAMPLES),
    ("accredit", registry_registrars.accredit, registry_registrars.ACCREDIT_EXAMPLES),
    ("withdraw", registry_registrars.withdraw, registry_registrars.WITHDRAW_EXAMPLES),
    ("annul", registry_registrars.annul, registry_registrars.ANNUL_EXAMPLES),
    ("restore", registry_registrars.restore, registry_registrars.RESTORE_EXAMPLES),
    ("set-guardian", chain_pause.set_guardian, chain_pause.GUARDIAN_EXAMPLES),
)
LEDGER_COMMANDS: Final[tuple[tuple[str, Callable[..., None], str], ...]] = (
    ("estimate", ledger_estimate.ledger_estimate, ledger_estimate.EXAMPLES),
    ("compare", ledger_compare.ledger_compare, ledger_compare.EXAMPLES),
    ("breakeven", ledger_breakeven.ledger_breakeven, ledger_breakeven.EXAMPLES),
    ("rebound", ledger_rebound.ledger_rebound, ledger_rebound.EXAMPLES),
    ("paradox", ledger_paradox.ledger_paradox, ledger_paradox.EXAMPLES),
    ("grid", ledger_grid.ledger_grid, ledger_grid.EXAMPLES),
    ("datacentre", ledger_datacentre.ledger_datacentre, ledger_datacentre.EXAMPLES),
    ("nodes", ledger_nodes.ledger_nodes, ledger_nodes.EXAMPLES),
    ("disclosure", ledger_disclosure.ledger_disclosure, ledger_disclosure.EXAMPLES),
    ("measure", ledger_measure.ledger_measure, ledger_measure.EXAMPLES),
    ("profile", ledger_profile.ledger_profile, ledger_profile.EXAMPLES),
    ("report", ledger_report.ledger_report, ledger_report.EXAMPLES),
    ("sign", ledger_sign.ledger_sign, ledger_sign.EXAMPLES),
    ("sign-report", ledger_sign_report.ledger_sign_report, ledger_sign_report.EXAMPLES),
    ("verify-report", ledger_verify_report.ledger_verify_report, ledger_verify_report.EXAMPLES),
    ("watch", ledger_watch.ledger_watch, ledger_watch.EXAMPLES),
)
GROUPS: Final[dict[str, tuple[str, tuple[tuple[str, Callable[..., None], str], ...]]]] = {
    "keys": ("init", KEY_COMMANDS),
    "profile": ("compute", PROFILE_COMMANDS),
    "log": ("supersede", LOG_COMMANDS),
    "ledger": ("plot", LEDGER_COMMANDS),
    "chain": ("trust", CHAIN_COMMANDS),
    "registry": ("who", REGISTRY_COMMANDS),
}
"""Groups of commands: after which command each stands, and what is in it."""
OVERVIEW: Final = """\
passport demo --dir demo                          see everything work, offline, in a minute
passport init --name "Acme" --scheme LEI --identifier 549300EXAMPLE000LE01 --country DE --host acme.example
passport issue inventories/                       sign passports, suppliers' first
passport anchor                                   bring them onto the chain
passport audit https://acme.example/passports/... judge one through every tier
"""


def build_app(language: Language = Language.EN, *, only: str | None = None) -> typer.Typer:
    """The command line.

    Args:
        language: Of its summaries.
        only: The one command or group that is asked for; the others are then left out, which saves their time.
    """
    app = typer.Typer(
        name="passport",
        help=_help(
            OVERVIEW, "Product carbon footprints as signed, anchored passports that anyone can re-do.", language
        ),
        no_args_is_help=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings=_HELP_OPTIONS,
    )
    app.callback()(_root)
    for name, function, examples in COMMANDS:
        if only in (None, name):
            _add(app, name, f"command.{name}", function, examples, language)
        for group, (before, commands) in GROUPS.items():
            if name == before and only in (None, group):
                app.add_typer(_group(group, commands, language), name=group)
    return app


def main(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code.

    Args:
        arguments: What follows `passport` on the command line.
    """
    options = list(arguments[: list(arguments).index("--")] if "--" in arguments else arguments)
    language = _asked_language(options) or language_of(os.environ)[0]
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            with contextlib.suppress(ValueError, OSError):
                stream.reconfigure(
                    errors="backslashreplace"
                )  # a name in Chinese is no reason to fail in a Latin terminal
    app = build_app(language, only=_asked_command(options))
    return int(
        guarded(
            lambda: app(args=list(arguments), prog_name="passport"),
            as_json="--json" in options,
            is_verbose="--verbose" in options,
            language=language,
        )
    )


def run() -> None:
    """The console script."""
    sys.exit(main(sys.argv[1:]))


def _root(
    version: Annotated[
        bool,
        typer.Option("--version", help="Print the version and leave.", is_eager=True, callback=lambda v: _version(v)),
    ] = False,
) -> None:
    """Nothing of its own: every command stands for itself."""


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        sys.stdout.write(f"carbon-passport {version('carbon-passport')}\n")
        raise typer.Exit


def _add(
    app: typer.Typer, name: str, key: str, function: Callable[..., None], examples: str, language: Language
) -> None:
    summary = word(key, language)
    body = _help(examples, summary, language, (function.__doc__ or "").strip())
    app.command(name, help=body, short_help=summary, context_settings=_HELP_OPTIONS)(function)


def _group(name: str, commands: tuple[tuple[str, Callable[..., None], str], ...], language: Language) -> typer.Typer:
    """Commands under one name; its help leads with the first one's examples."""
    summary = word(f"command.{name}", language)
    group = typer.Typer(
        help=_help(commands[0][2], summary, language),
        short_help=summary,
        no_args_is_help=True,
        rich_markup_mode=None,
        context_settings=_HELP_OPTIONS,
    )
    for each, function, examples in commands:
        _add(group, each, f"command.{name}.{each}", function, examples, language)
    return group


def _help(examples: str, summary: str, language: Language, more: str = "") -> str:
    """Help that leads with examples; the mark keeps their lines as they are."""
    lines = "\n".join(f"  {line}" for line in examples.strip().splitlines())
    paragraphs = more.split("\n\n")
    rest = "\n\n".join(" ".join(p.split()) for p in paragraphs)
    return f"\b\n{word('examples', language)}\n{lines}\n\n{summary.removesuffix('.')}.\n\n{rest}"


def _asked_command(options: Sequence[str]) -> str | None:
    """The command or group that leads the line, or None where only the whole command line knows what is meant."""
    first = options[0] if options else ""
    return first if first in GROUPS or any(first == name for name, _, _ in COMMANDS) else None


def _asked_language(options: Sequence[str]) -> Language | None:
    """The language asked for by option, known before anything is parsed, for the help itself."""
    for position, option in enumerate(options):
        value = options[position + 1] if option == "--lang" and position + 1 < len(options) else ""
        value = option.removeprefix("--lang=") if option.startswith("--lang=") else value
        if value in tuple(Language):
            return Language(value)
    return None


if __name__ == "__main__":
    run()
