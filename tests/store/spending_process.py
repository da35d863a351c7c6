"""A process that spends a certificate bit by bit until it is refused: `python spending_process.py DATABASE NAME`."""

from __future__ import annotations

import sys
from fractions import Fraction

from passport.carbon.electricity import Use
from passport.errors import ConflictError
from passport.store import Store

ISSUED_KWH = 100
SPENT_KWH = 3


def main(database: str, name: str) -> None:
    sys.stdin.readline()  # both processes begin together
    spent = 0
    with Store.open(database) as store:
        while True:
            use = Use("eecs/go-1", Fraction(ISSUED_KWH), Fraction(SPENT_KWH), "")
            try:
                store.spend([use], passport_id=f"urn:{name}:{spent}")
            except ConflictError as error:
                sys.stdout.write(f"{spent} {error.message}\n")
                return
            spent += 1


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
