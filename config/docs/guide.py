"""Pages written by hand: the guide and the manual for operators, both below `templates/docs`.

A section is a folder with one Markdown file for each page, in the order of the files' names.
"""

from functools import cache, partial
from pathlib import Path

from django.conf import settings

from .pages import Page

FOLDER = settings.BASE_DIR / "templates" / "docs" / "guide"
OPERATING = FOLDER.with_name("operating")
# Written for the public address, in the guide and in the placeholders of its examples.
HERE = "https://regulars.example"


@cache
def pages(folder: Path = FOLDER) -> dict[str, Page]:
    """Return every page of a section by its slug, in the order in which they are read."""
    found, name = sorted(folder.glob("*.md")), folder.name
    slugs = [file.stem.partition("-")[2] for file in found]
    return {
        slug: Page(f"/docs/{name}/{slug}", name.capitalize(), partial(_text, file), menu=name)
        for slug, file in zip(slugs, found, strict=True)
    }


def _text(file: Path) -> str:
    text = file.read_text(encoding="utf-8").replace(HERE, settings.PUBLIC_URL)
    assert text.startswith("# "), f"{file.name} begins with no title"
    return text
