"""A page of the documentation: its Markdown, served unchanged and as HTML."""

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
_SPOKEN |= {"typescript": "TypeScript", "http": "Answer", "text": "Answer", "sql": "SQL"}


@dataclass(frozen=True)
class Heading:
    """A heading in a page, and its anchor."""

    anchor: str
    words: str


@dataclass(frozen=True)
class Page:
    """A page: its address, its section in the documentation, and its text as Markdown.

    `write` returns the text and is called when the text is first read. The text begins with a title
    and one paragraph that says what the page is about. Pages with the same `menu` are listed
    together.
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
        """The address of the page's Markdown."""
        return f"{self.address.rstrip('/')}.md"

    @cached_property
    def title(self) -> str:
        return plain(self.text.partition("\n")[0].removeprefix("# "))

    @cached_property
    def lead(self) -> str:
        """The first paragraph, without links and Markdown marks."""
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
        """The text for ranking: pages that match a search here are listed first."""
        return f"{self.address} {self.title} {self.lead}".casefold()

    @cached_property
    def searched(self) -> str:
        """The text that a search matches, in lower case."""
        return f"{self.address}\n{self.text}".casefold()


def plain(words: str) -> str:
    """Return a text without links and Markdown marks, to show it outside a page."""
    return re.sub(r"\[([^]]+)\]\([^)]+\)", r"\1", words).translate(_MARKS)


def quiet(words: str) -> str:
    """Escape a plain text for Markdown, which would read a star or a bracket as a mark."""
    return re.sub(r"([*\[\]])", r"\\\1", words)


def fenced(text: str, language: str, caption: str) -> str:
    """Return an example as a fenced code block of Markdown."""
    return f"```{language} title={caption}\n{text}\n```"


@cache
def renderer() -> MarkdownIt:
    """Return the renderer of our Markdown; raw HTML is escaped."""
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    anchors_plugin(markdown, min_level=2, max_level=3, permalink=False)
    markdown.add_render_rule("fence", _fence)
    markdown.add_render_rule("table_open", _open_table)
    markdown.add_render_rule("table_close", _close_table)
    return markdown


def _fence(self: Any, tokens: Any, at: int, options: Any, env: Any) -> str:
    """Render an example with the name of its language, so that the keyboard can reach it."""
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
