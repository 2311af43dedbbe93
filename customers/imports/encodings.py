"""The encoding of a file, or a clear refusal if it is unknown."""

import codecs
from pathlib import Path

from django.utils.translation import gettext as _

from .errors import UnknownEncoding, UnreadableFile

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# The first bytes of a ZIP archive, such as XLSX, and of the old workbook format.
_ARCHIVE, _OLD_WORKBOOK = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_GLANCE = 4096


def find_encoding(path: Path, named: str | None) -> str:
    """Return the encoding of a file: the named one, that of its byte order mark, or UTF-8.

    Never guesses: a wrong guess damages names without anybody noticing. Raises UnreadableFile for a
    file that is not text, and UnknownEncoding for an unknown name.
    """
    start = _beginning(path)
    if not start.strip():
        raise UnreadableFile(_("%(name)s is empty.") % {"name": path.name})
    if named:
        return _checked(named)
    marked = next((name for mark, name in _BOMS if start.startswith(mark)), None)
    if marked is None and _is_binary(start):
        raise UnreadableFile(_("%(name)s is not a text file.") % {"name": path.name})
    return marked or "utf-8"


def is_workbook(path: Path) -> bool:
    """Whether a file is a ZIP archive, as XLSX workbooks are.

    Raises UnreadableFile for a workbook of the old format, and for a path that is not a file.
    """
    start = _beginning(path)
    if start.startswith(_OLD_WORKBOOK):
        raise UnreadableFile(
            _("%(name)s is a workbook of an old format or has a password: save it as XLSX first.")
            % {"name": path.name}
        )
    return start.startswith(_ARCHIVE)


def not_decoded(path: Path, encoding: str, named: str | None) -> UnknownEncoding:
    """Return the refusal of a file that cannot be decoded."""
    where = _first_bad_line(path, encoding)
    if named:
        return UnknownEncoding(f"{where} of {path.name} is not {named}.")
    if encoding != "utf-8":
        return UnknownEncoding(f"{path.name} begins like {encoding} and is not.")
    return UnknownEncoding(
        f"{where} of {path.name} is not UTF-8."
        " Save the file as UTF-8, or name its encoding: latin-1 or cp1252, for example."
    )


def _beginning(path: Path) -> bytes:
    try:
        if path.is_dir():
            raise UnreadableFile(_("%(path)s is a folder, not a file.") % {"path": path})
        if not path.exists():
            raise UnreadableFile(_("There is no file %(path)s.") % {"path": path})
        if not path.is_file():
            raise UnreadableFile(
                _("%(path)s is not an ordinary file: save what it gives to one.") % {"path": path}
            )
        with path.open("rb") as handle:
            return handle.read(_GLANCE)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UnreadableFile(
            _("%(path)s cannot be read: %(reason)s.") % {"path": path, "reason": reason}
        )


def _is_binary(start: bytes) -> bool:
    """Whether more than 5 % of the bytes are control characters that text does not contain."""
    control = sum(byte < 32 and byte not in b"\t\n\r\f" for byte in start)
    return control * 20 > len(start)


def _checked(named: str) -> str:
    try:
        "".encode(named)
        found = codecs.lookup(named).name
    except (LookupError, ValueError):
        raise UnknownEncoding(
            _("There is no encoding “%(named)s”; try utf-8, latin-1 or cp1252.") % {"named": named}
        )
    return "utf-8-sig" if found == "utf-8" else found


def _first_bad_line(path: Path, encoding: str) -> str:
    decode = codecs.getdecoder(encoding)
    with path.open("rb") as handle:
        for number, line in enumerate(handle, start=1):
            try:
                decode(line, "strict")
            except UnicodeError:
                return f"Line {number}"
    return "A line"
