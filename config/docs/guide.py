"""The guide: Markdown below `templates/docs/guide`, a file for each page, in their names’ order."""

import re
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

from django.conf import settings
from markdown_it import MarkdownIt
from mdit_py_plugins.anchors import anchors_plugin

FOLDER = settings.BASE_DIR / "templates" / "docs" / "guide"
# Written for the public address, in the guide and in the placeholders of its examples.
HERE = "https://regulars.example"
_TITLE = re.compile(r"\A# (.+)\n")
_MARKS = str.maketrans({"`": None, "*": None, "\n": " "})
_SPOKEN = {"bash": "Shell", "python": "Python", "javascript": "Node", "json": "Answer"}
_SPOKEN |= {"typescript": "TypeScript", "http": "Answer", "text": "Answer"}


@dataclass(frozen=True)
class Heading:
    """A heading within a page, and the anchor that leads to it."""

    anchor: str
    words: str


@dataclass(frozen=True)
class Page:
    """A page of the guide, ready to be shown."""

    slug: str
    title: str
    lead: str
    body: str
    headings: tuple[Heading, ...]

    @property
    def address(self) -> str:
        return f"/docs/guide/{self.slug}"


@cache
def pages() -> dict[str, Page]:
    """Return every page by its slug, in the order in which they are read."""
    found = (_page(file) for file in sorted(FOLDER.glob("*.md")))
    return {page.slug: page for page in found}


def _page(file: Path) -> Page:
    text = file.read_text(encoding="utf-8").replace(HERE, settings.PUBLIC_URL)
    title = _TITLE.match(text)
    assert title, f"{file.name} begins with no title"
    markdown = renderer()
    tokens = markdown.parse(text[title.end() :])
    lead = next(token.content for token in tokens if token.type == "inline")
    headings = tuple(
        Heading(str(token.attrs["id"]), tokens[at + 1].content.replace("`", ""))
        for at, token in enumerate(tokens)
        if token.type == "heading_open" and token.tag == "h2"
    )
    body = markdown.renderer.render(tokens, markdown.options, {})
    return Page(file.stem.partition("-")[2], title[1], _plain(lead), body, headings)


def _plain(words: str) -> str:
    """Return a sentence without its links and marks, for where it stands alone."""
    return re.sub(r"\[([^]]+)\]\([^)]+\)", r"\1", words).translate(_MARKS)


@cache
def renderer() -> MarkdownIt:
    """Return what turns our Markdown into HTML; raw HTML in it is shown, not used."""
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    anchors_plugin(markdown, min_level=2, max_level=3, permalink=False)
    markdown.add_render_rule("fence", _fence)
    markdown.add_render_rule("table_open", _open_table)
    markdown.add_render_rule("table_close", _close_table)
    return markdown


def _fence(self: Any, tokens: Any, at: int, options: Any, env: Any) -> str:
    """Show an example under the name of its language, within reach of the keyboard."""
    language, _, rest = tokens[at].info.partition(" ")
    name = rest.removeprefix("file=") if rest.startswith("file=") else _SPOKEN.get(language, "")
    code = escape(tokens[at].content, quote=False)
    return (
        f'<figure class="example {escape(language)}"><figcaption>{escape(name)}</figcaption>'
        f'<pre tabindex="0"><code>{code}</code></pre></figure>\n'
    )


def _open_table(*given: Any) -> str:
    return '<div class="wide" tabindex="0"><table>\n'


def _close_table(*given: Any) -> str:
    return "</table></div>\n"


@cache
def changelog() -> str:
    """Return CHANGELOG.md as HTML, without its own title."""
    text = (settings.BASE_DIR / "CHANGELOG.md").read_text(encoding="utf-8")
    return renderer().render(text.partition("\n")[2])
