"""A process that stores documents until it is told to stop: `python writing_process.py DATABASE NAME COUNT`."""

from __future__ import annotations

import sys

from passport.model.digest import digest_of
from passport.store import DocumentKind, Store


def main(database: str, name: str, count: int) -> None:
    sys.stdin.readline()  # both processes begin together
    with Store.open(database) as store:
        for number in range(count):
            body = f"{name} {number}".encode()
            with store.transaction():
                counter = store.get_setting("counter", 0)
                store.put_document(DocumentKind.PASSPORT, digest_of(body), body, document_id=f"urn:{name}:{number}")
                store.set_setting("counter", counter + 1)
            sys.stdout.write(f"{number}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
