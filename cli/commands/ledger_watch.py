"""`passport ledger watch`: follow a chain's blocks into the store, with a picture and gauges for Prometheus."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, cast

import typer

from cli.session import Session, command
from passport.errors import DocumentError, LedgerError, UsageError

if TYPE_CHECKING:
    from passport.chain_watch import Followed, Watched
    from passport.ledger.observed import Observable
    from passport.store import Store
    from passport.workspace import Workspace

EXAMPLES = """\
passport ledger watch                                              the workspace's own chain, once
passport ledger watch http://127.0.0.1:8545 --blocks 500 --plot gas.svg
passport ledger watch http://127.0.0.1:8545 --every 12 --metrics /var/lib/node_exporter/chain.prom
passport ledger watch --every 60 --metrics-port 9187
"""
MAX_BLOCKS = 100_000
MIN_KEPT, MAX_KEPT = 1001, 200_000


@command()
def ledger_watch(
    session: Session,
    url: Annotated[
        str | None,
        typer.Argument(help="A node's JSON-RPC address; without it the workspace's chain.", metavar="RPC_URL"),
    ] = None,
    *,
    blocks: Annotated[
        int, typer.Option("--blocks", min=1, max=MAX_BLOCKS, help="Read at most so many at each look.", metavar="N")
    ] = 1000,
    first: Annotated[
        int | None,
        typer.Option("--first", min=0, help="Where to begin with a chain that is new; else at the newest --blocks."),
    ] = None,
    every: Annotated[
        float | None, typer.Option("--every", min=0.1, max=86_400, help="Look again after so long, s.", metavar="S")
    ] = None,
    rounds: Annotated[
        int | None, typer.Option("--rounds", min=1, help="With --every: stop after so many looks.", metavar="N")
    ] = None,
    plot: Annotated[
        Path | None, typer.Option("--plot", help="Draw the gas of blocks: .svg, .png or .html.", metavar="FILE")
    ] = None,
    metrics: Annotated[
        Path | None, typer.Option("--metrics", help="Write gauges for Prometheus into a file.", metavar="FILE")
    ] = None,
    metrics_port: Annotated[
        int | None,
        typer.Option("--metrics-port", min=0, max=65535, help="Serve them on this machine: /metrics.", metavar="PORT"),
    ] = None,
    keep: Annotated[
        int,
        typer.Option(
            "--keep", min=MIN_KEPT, max=MAX_KEPT, help="Keep so many blocks; of older ones the sums.", metavar="N"
        ),
    ] = MAX_KEPT,
    font: Annotated[
        Path | None, typer.Option("--font", help="Of a PNG: a font file for Chinese, if none is found.", metavar="FILE")
    ] = None,
) -> None:
    """Gas, transactions and, where blocks say so, validators; a node is believed as it speaks, which proves nothing.

    Blocks that the chain replaced are read again. Rates a year are annualised snapshots. Without --every it looks once.
    Of blocks beyond --keep only how many they were, their gas and their transactions stay.
    """
    from passport.chain_watch import follow, watched
    from passport.exchange.pictures.words import SUFFIXES

    if rounds is not None and every is None:
        raise UsageError(
            "one look is made without --every", found="--rounds", hint="say how long to wait between looks"
        )
    if plot is not None and plot.suffix.lower() not in SUFFIXES:
        raise UsageError("not a kind of picture", where=str(plot), expected=" or ".join(SUFFIXES))
    output, look = session.output, 0
    with ExitStack() as stack:
        workspace = stack.enter_context(session.open())
        server = None
        if metrics_port is not None:
            from cli.chain_gauges import GaugeServer

            server = stack.enter_context(GaugeServer(metrics_port).serving())
            output.remark(f"http://127.0.0.1:{server.port}/metrics")
        chain = stack.enter_context(_reached(session, workspace, url))
        while True:
            look += 1
            try:
                followed = follow(chain, workspace.store, first=first, max_blocks=blocks, keep=keep)
            except LedgerError as error:  # a block that is gone again, a malformed answer: the next look may be better
                if every is None or look == rounds:
                    raise
                output.remark(str(error), style="yellow")
            else:
                first = None  # it said where to begin
                found = watched(chain.chain, workspace.store, max_blocks=blocks)
                if found is not None:
                    _gauges(found, metrics, server)
                    if plot is not None:
                        _draw(session, workspace.store, found, plot, blocks, font)
                    _say(session, found, followed, plot)
            if every is None or look == rounds:
                return
            time.sleep(every)


def _say(session: Session, found: Watched, followed: Followed, plot: Path | None) -> None:
    output = session.output

    def number(value: float | None, form: str) -> str:
        return output.word("ledger.unknown") if value is None else format(value, form)

    output.result(
        output.word(
            "ledger.watched",
            chain=found.chain.partition(" ")[0],
            added=f"{followed.added:,}",
            replaced=f"{followed.replaced:,}",
            first=f"{found.first:,}",
            last=f"{found.last:,}",
            used=number(None if found.utilisation is None else found.utilisation * 100, ".3g"),
            seconds=number(found.seconds_a_block, ".3g"),
            gas=number(found.gas_a_year, ".3g"),
            transactions=number(found.transactions_a_year, ".3g"),
            validators=number(found.validators, "d"),
            producers=number(found.producers, "d"),
        )
    )
    if found.past is not None:
        past = found.past
        output.result(
            output.word(
                "ledger.watched_past",
                first=f"{past.first:,}",
                last=f"{past.last:,}",
                gas=f"{past.gas_used:,}",
                transactions=f"{past.transactions:,}",
            )
        )
    if followed.is_behind:
        output.remark(output.word("ledger.behind", head=f"{followed.head:,}"), style="yellow")
    output.document(
        {
            **found.to_json(),
            "added": followed.added,
            "replaced": followed.replaced,
            "head": followed.head,
            "behind": followed.is_behind,
            "picture": None if plot is None else str(plot),
        }
    )


def _gauges(found: Watched, file: Path | None, server: object | None) -> None:
    from cli.chain_gauges import GaugeServer, gauges_of, write_gauges

    text = gauges_of(found)
    if file is not None:
        write_gauges(file, text)
    if isinstance(server, GaugeServer):
        server.text = text


def _draw(session: Session, store: Store, found: Watched, plot: Path, blocks: int, font: Path | None) -> None:
    from passport.exchange.pictures.blocks import Block, blocks_picture

    drawn = [
        Block(row.number, row.timestamp, row.gas_used, row.gas_limit)
        for row in store.observed_use(found.chain, limit=blocks)
    ]
    name = found.chain.partition(" ")[0]
    language: Literal["en", "zh"] = "zh" if session.output.language.value == "zh" else "en"
    data = blocks_picture(drawn, plot.suffix.lower(), chain=name, language=language, font=font)
    try:
        plot.write_bytes(data)
    except OSError as error:
        raise DocumentError("cannot be written", where=str(plot), found=error.strerror) from error


@contextmanager
def _reached(session: Session, workspace: Workspace, url: str | None) -> Iterator[Observable]:
    from passport.workspace.chain import NodeChoice, reach_node

    if url is not None:
        choice = NodeChoice.of(url=url, url_variable=None, finality="instant", fees="auto", max_fee_wei_per_gas=None)
        with reach_node(choice, None, clock=session.clock) as chain:
            yield chain
        return
    if not workspace.has_chain:
        raise UsageError(
            "the workspace knows no chain", hint="name a node: passport ledger watch http://127.0.0.1:8545"
        )
    ledger = workspace.ledger
    if not hasattr(ledger, "observe"):
        raise UsageError("the workspace's chain cannot be watched", hint="name a node of it by its address")
    yield cast("Observable", ledger)
