"""A picture as one HTML page: the drawing, and its numbers in tables below; nothing is loaded from elsewhere."""

from __future__ import annotations

import html
from typing import Final

from passport.exchange.pictures.frame import Picture, Table

_STYLE: Final = """\
:root { color-scheme: light; }
body { font: 16px/1.5 system-ui, "Segoe UI", "Helvetica Neue", "Noto Sans", "PingFang SC", "Microsoft YaHei",
  "Noto Sans CJK SC", sans-serif; color: #1b1f24; background: #fff; margin: 0 auto; max-width: 76rem; padding: 1.5rem; }
figure { margin: 0; overflow-x: auto; }
figure svg { max-width: 100%; height: auto; }
figcaption, footer { color: #5b6470; font-size: 0.9rem; }
table { border-collapse: collapse; margin: 1.5rem 0; font-size: 0.95rem; }
caption { text-align: left; font-weight: 600; padding-bottom: 0.4rem; }
th, td { padding: 0.3rem 1.2rem 0.3rem 0; border-bottom: 1px solid #e3e6ea; text-align: left; vertical-align: top; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
"""


def page(picture: Picture, *, svg: str, note: str) -> str:
    """The page.

    Args:
        picture: What was drawn.
        svg: The drawing.
        note: What holds for all numbers.
    """
    language = "zh-Hans" if picture.language == "zh" else "en"
    tables = "\n".join(_table(table) for table in picture.tables)
    title = html.escape(picture.title)
    return f"""<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{title}</title>
<style>
{_STYLE}</style>
</head>
<body>
<main>
<figure>
{svg.strip()}
<figcaption>{html.escape(note)}</figcaption>
</figure>
{tables}
</main>
</body>
</html>
"""


def _table(table: Table) -> str:
    numbers = _number_columns(table)
    heads = "".join(
        f'<th scope="col"{_class(column in numbers)}>{html.escape(head)}</th>'
        for column, head in enumerate(table.heads)
    )
    rows = "\n".join(f"<tr>{_row(row, numbers)}</tr>" for row in table.rows)
    caption = html.escape(table.title)
    return (
        f"<table>\n<caption>{caption}</caption>\n<thead><tr>{heads}</tr></thead>\n<tbody>\n{rows}\n</tbody>\n</table>"
    )


def _row(row: tuple[str, ...], numbers: set[int]) -> str:
    cells = [f'<th scope="row">{html.escape(row[0])}</th>']
    cells += [f"<td{_class(column in numbers)}>{html.escape(cell)}</td>" for column, cell in enumerate(row) if column]
    return "".join(cells)


def _number_columns(table: Table) -> set[int]:
    """Columns whose every cell is a number or a share."""
    columns = range(1, len(table.heads))
    return {at for at in columns if all(not row[at] or row[at].lstrip("−<>")[:1].isdigit() for row in table.rows)}


def _class(is_number: bool) -> str:
    return ' class="number"' if is_number else ""
