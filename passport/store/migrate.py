"""Bring a database to the tables of this version when it is opened, once, whoever opens it first."""

from __future__ import annotations

from pathlib import Path
from threading import Lock

from sqlalchemy import Connection, Engine, inspect, text

from passport.errors import StoreError
from passport.store.engine import begin_writing, lock_for_migration, place_of

REVISIONS = ("0001", "0002", "0003", "0004", "0005", "0006")
"""All revisions under `migrations/versions`, oldest first."""

_ALEMBIC = Lock()
"""Alembic keeps the migration that runs in globals of its modules: one at a time in this process, whatever the file."""

MIGRATIONS = Path(__file__).with_name("migrations")


def revision_of(connection: Connection) -> str | None:
    """The revision a database stands at; None when it is empty.

    Raises:
        StoreError: it is somebody else's database.
    """
    tables = inspect(connection).get_table_names()
    if not tables:
        return None
    found = (
        connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
        if "alembic_version" in tables
        else None
    )
    if found is None:
        raise StoreError(
            "the database belongs to another program",
            where=place_of(connection.engine),
            found=", ".join(sorted(tables)[:5]),
            hint="give a file of its own",
        )
    return str(found)


def _is_current(connection: Connection) -> bool:
    found = revision_of(connection)
    if found is not None and found not in REVISIONS:
        raise StoreError(
            "the database was written by a newer version of this program",
            where=place_of(connection.engine),
            expected=f"revision {REVISIONS[-1]} or older",
            found=found,
            hint="upgrade carbon-passport",
        )
    return found == REVISIONS[-1]


def migrate(engine: Engine) -> None:
    """Run the migrations that are missing, all in one transaction.

    Raises:
        StoreError: the database is of a newer version, or somebody else's.
    """
    with engine.connect() as connection:
        if _is_current(connection):
            return
    with begin_writing(engine) as connection:
        lock_for_migration(connection)
        if _is_current(connection):  # another process was quicker
            return
        with _ALEMBIC:
            # Not at the top: most openings do not need it, and it takes longer to load than a command to run.
            from alembic import command
            from alembic.config import Config

            config = Config()
            config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
        connection.commit()
