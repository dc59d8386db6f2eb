"""CSV files and an Excel workbook: opened in a spreadsheet, nothing in them is a formula."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from bot.papers.export import Bundle, Plain, Sheet
from bot.texts import LOCALES, Phrase, Texts

_DANGEROUS = ("=", "+", "-", "@", "\t", "\r")
_MARK = "'"
_WIDEST = 60
Row = tuple[Plain, ...]
_FIELDS = ("sheet", "field", "kind", "unit", "loinc", "choices", "about_zh_CN", "about_en")


def defused(cell: Plain) -> Plain:
    """Return a cell that no spreadsheet takes for a formula; numbers stay numbers.

    `restored` takes the mark away again, whatever the text was.
    """
    return f"{_MARK}{cell}" if isinstance(cell, str) and _is_dangerous(cell) else cell


def restored(text: str) -> str:
    """Return what `defused` was given."""
    return text[1:] if text.startswith(_MARK) and _is_dangerous(text[1:]) else text


def _is_dangerous(text: str) -> bool:
    # Behind spaces, too: some programs trim before they look. Behind a mark, so that marks can be told apart.
    bare = text.lstrip(" \u00a0\u3000\n" + _MARK)
    return bare.startswith(_DANGEROUS) or text.startswith(_DANGEROUS)


def csv_files(bundle: Bundle, texts: Texts) -> dict[str, bytes]:
    """Return a CSV file for each sheet, and `fields.csv`, which says what every field means.

    UTF-8 with a byte order mark, without which spreadsheets garble Chinese.
    """
    files = {f"{sheet.name}.csv": _csv(sheet.rows, [f.name for f in sheet.fields]) for sheet in bundle.sheets}
    return {**files, "fields.csv": _csv(dictionary(bundle, texts), _FIELDS)}


def _csv(rows: Iterable[Row], names: Sequence[str]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(names)
    for row in rows:
        writer.writerow([defused(cell) for cell in row])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def dictionary(bundle: Bundle, texts: Texts) -> Iterator[Row]:
    """Yield what every field means, in both languages."""
    for sheet in bundle.sheets:
        for field in sheet.fields:
            choices = "; ".join(
                f"{code} = {' / '.join(texts.plain(locale, Phrase(key)) for locale in LOCALES)}"
                for code, key in field.choices.items()
            )
            about = [texts.plain(locale, Phrase(field.about)) for locale in LOCALES]
            yield (sheet.name, field.name, field.kind, field.unit, field.loinc, choices or None, *about)


def workbook(bundle: Bundle, texts: Texts) -> bytes:
    """Return an Excel workbook with a page for each sheet, and one that says what every field means."""
    book = Workbook(write_only=True)
    for sheet in bundle.sheets:
        _add_page(book, sheet)
    _fill(book, "fields", _FIELDS, list(dictionary(bundle, texts)))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _add_page(book: Workbook, sheet: Sheet) -> None:
    _fill(book, sheet.name, [field.name for field in sheet.fields], sheet.rows)


def _fill(book: Workbook, name: str, names: Sequence[str], rows: Sequence[Row]) -> None:
    page = book.create_sheet(name)
    page.freeze_panes = "A2"
    for number, width in enumerate(_widths(names, rows), start=1):
        page.column_dimensions[get_column_letter(number)].width = width
    heads = [WriteOnlyCell(page, value=each) for each in names]
    for head in heads:
        head.font = Font(bold=True)
    page.append(heads)
    for row in rows:
        page.append([_cell(page, value) for value in row])


def _cell(page: Any, value: Plain) -> Any:
    if not isinstance(value, str):
        return value
    cell = WriteOnlyCell(page, value=value)
    # A text stays a text when it begins with =, also for whoever edits the cell.
    cell.data_type = "s"
    cell.quotePrefix = _is_dangerous(value)
    return cell


def _widths(names: Sequence[str], rows: Sequence[Row]) -> list[int]:
    widths = [len(name) + 2 for name in names]
    for row in rows:
        for number, value in enumerate(row):
            widths[number] = min(_WIDEST, max(widths[number], len(str(value or "")) + 2))
    return widths
