"""A page of the documentation: Markdown, served as it is and as HTML."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property
from html import escape
from typing import Any

from markdown_it import MarkdownIt
from mdit_py_plugins.anchors import anchors_plugin

_MARKS = str.maketrans({"`": None, "*": None, "\\": None, "\n": " "})
_SPOKEN = {"bash": "Shell", "python": "Python", "javascript": "Node", "json": "Answer"}
_SPOKEN |= {"typescript": "TypeScript", "http": "Answer", "text": "Answer"}


@dataclass(frozen=True)
class Heading:
    """A heading within a page, and the anchor that leads to it."""

    anchor: str
    words: str


@dataclass(frozen=True)
class Page:
    """A page: its address, the section that it belongs to, and its text as Markdown.

    `write` makes the text when it is first read: a title, and one paragraph that says what the page
    is about, before anything else. Pages of one `menu` are listed beside one another.
    """

    address: str
    section: str
    write: Callable[[], str]
    menu: str = ""

    @cached_property
    def text(self) -> str:
        return self.write()

    @property
    def twin(self) -> str:
        """The address of the same page as Markdown."""
        return f"{self.address.rstrip('/')}.md"

    @cached_property
    def title(self) -> str:
        return plain(self.text.partition("\n")[0].removeprefix("# "))

    @cached_property
    def lead(self) -> str:
        """The first paragraph, without links and marks."""
        return plain(self.text.split("\n\n", 2)[1])

    @cached_property
    def body(self) -> str:
        """The page as HTML."""
        return renderer().render(self.text)

    @cached_property
    def headings(self) -> tuple[Heading, ...]:
        tokens = renderer().parse(self.text)
        return tuple(
            Heading(str(token.attrs["id"]), plain(tokens[at + 1].content))
            for at, token in enumerate(tokens)
            if token.type == "heading_open" and token.tag == "h2"
        )

    @cached_property
    def heading(self) -> str:
        """Where a search finds the pages that it lists first."""
        return f"{self.address} {self.title} {self.lead}".casefold()

    @cached_property
    def searched(self) -> str:
        """The text that a search looks through, in lower case."""
        return f"{self.address}\n{self.text}".casefold()


def plain(words: str) -> str:
    """Return a text without its links and marks, for where it stands alone."""
    return re.sub(r"\[([^]]+)\]\([^)]+\)", r"\1", words).translate(_MARKS)


def quiet(words: str) -> str:
    """Return a plain text for Markdown, which would read a star or a bracket as a mark."""
    return re.sub(r"([*\[\]])", r"\\\1", words)


def fenced(text: str, language: str, caption: str) -> str:
    """Return an example as a block of Markdown."""
    return f"```{language} title={caption}\n{text}\n```"


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
    kind, _, named = rest.partition("=")
    name = named if kind in ("file", "title") else _SPOKEN.get(language, "")
    code = escape(tokens[at].content, quote=False)
    return (
        f'<figure class="example {escape(language)}"><figcaption>{escape(name)}</figcaption>'
        f'<pre tabindex="0"><code>{code}</code></pre></figure>\n'
    )


def _open_table(*given: Any) -> str:
    return '<div class="wide" tabindex="0"><table>\n'


def _close_table(*given: Any) -> str:
    return "</table></div>\n"
