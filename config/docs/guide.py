"""The guide: one Markdown file per page in `templates/docs/guide`, in the order of file names."""

from functools import cache, partial
from pathlib import Path

from django.conf import settings

from .pages import Page

FOLDER = settings.BASE_DIR / "templates" / "docs" / "guide"
# The guide and its examples contain this address; pages show the public address instead.
HERE = "https://regulars.example"


@cache
def pages() -> dict[str, Page]:
    """Return every page by its slug, in the order in which they are read."""
    found = sorted(FOLDER.glob("*.md"))
    slugs = [file.stem.partition("-")[2] for file in found]
    return {
        slug: Page(f"/docs/guide/{slug}", "Guide", partial(_text, file), menu="guide")
        for slug, file in zip(slugs, found, strict=True)
    }


def _text(file: Path) -> str:
    text = file.read_text(encoding="utf-8").replace(HERE, settings.PUBLIC_URL)
    assert text.startswith("# "), f"{file.name} begins with no title"
    return text
