"""Every page of the documentation by its address, and the lists of pages."""

from functools import cache, partial

from django.conf import settings

from . import guide, reference
from .codes import ErrorCode, error_codes
from .pages import Page, fenced, quiet

FRONT = "/docs/"
ERRORS = "/docs/errors/"
CHANGELOG = "/docs/changelog/"


@cache
def all_pages() -> dict[str, Page]:
    """Return every page of the documentation by its address, in the order of llms.txt."""
    sections = guide.pages(), guide.pages(guide.OPERATING)
    written = {page.address: page for section in sections for page in section.values()}
    front = Page(FRONT, "Guide", _front)
    return {FRONT: front, **written, **reference.pages(), **_others()}


def _others() -> dict[str, Page]:
    found = [
        Page(ERRORS, "Errors", _error_list),
        *(
            Page(f"{ERRORS}{code}", "Errors", partial(_error, code, one))
            for code, one in _sorted_codes()
        ),
        Page(CHANGELOG, "Changes", _changelog),
    ]
    return {page.address: page for page in found}


def twins() -> dict[str, Page]:
    """Return every page by the address of its Markdown."""
    return {page.twin: page for page in all_pages().values()}


def menus() -> dict[str, list[Page]]:
    """Return the pages of each menu, by the menu's name."""
    found: dict[str, list[Page]] = {}
    for page in all_pages().values():
        found.setdefault(page.menu, []).append(page)
    return found


def search(text: str) -> str:
    """Return a Markdown list of the pages with every word of a text, title matches first."""
    words = text.casefold().split()
    found = [page for page in all_pages().values() if all(one in page.searched for one in words)]
    found.sort(key=lambda page: not all(one in page.heading for one in words))
    lines = [f"- [{quiet(page.title)}]({page.address}): {quiet(page.lead)}" for page in found]
    count = f"{len(found):,} page{'' if len(found) == 1 else 's'} found."
    return "\n".join([count, "", *lines])


def llms() -> str:
    """Return the list of all pages for programs, in the format of https://llmstxt.org."""
    lines = ["# Regulars", "", "> The documentation of the Regulars API, each page as Markdown."]
    section = ""
    for page in all_pages().values():
        if page.section != section:
            section = page.section
            lines += ["", f"## {section}", ""]
        about = "" if page.lead == page.title else f": {page.lead}"
        lines.append(f"- [{quiet(page.title)}]({settings.PUBLIC_URL}{page.twin}){about}")
    return "\n".join([*lines, ""])


def _sorted_codes() -> list[tuple[str, ErrorCode]]:
    return sorted(error_codes().items())


def _front() -> str:
    lines = [
        "# Guide to the Regulars API",
        "",
        "Read the pages in order and run each example. Our tests run the examples and "
        "compare their output with the output that is shown.",
        "",
    ]
    for number, page in enumerate(guide.pages().values(), 1):
        lines += [f"{number}. [{page.title}]({page.address})", "", f"    {quiet(page.lead)}", ""]
    lines += ["## Operate Regulars", "", "The manual for operators has one page for each task:", ""]
    for page in guide.pages(guide.OPERATING).values():
        lines += [f"- [{page.title}]({page.address}): {quiet(page.lead)}"]
    return "\n".join([*lines, "", *_LOOK_UP])


_LOOK_UP = (
    "## Look up details",
    "",
    "- [Reference](/docs/reference/): every operation, object and event, with its fields",
    "- [Errors](/docs/errors/): every error code, and how to resolve the error",
    "- [What is new](/docs/changelog/): the changes in each version",
    "- [openapi.json](/openapi.json): the OpenAPI 3.1 document, from which you can generate "
    "a client",
    "- [llms.txt](/llms.txt): a list of all pages as Markdown, for programs",
)


def _error_list() -> str:
    lines = [
        "# Errors",
        "",
        "Every error has a code that never changes. An error response of the v1 surface links to "
        "its page here. An error response of the Accounts surface contains the code.",
        "",
        "[The error format of each surface, and which requests to retry](/docs/guide/errors)",
        "",
    ]
    lines += [
        f"- [`{code}`]({ERRORS}{code}): {quiet(one.meaning)}" for code, one in _sorted_codes()
    ]
    return "\n".join(lines)


def _error(code: str, error: ErrorCode) -> str:
    lines = [f"# `{code}`", "", quiet(error.meaning), "", "## What to do", "", quiet(error.advice)]
    lines += ["", "## Responses", ""]
    for one in error.wordings:
        lines += [fenced(one.body, "answer", f"{one.surface}: {one.status}"), ""]
    lines += [
        "The message is written for people and can contain more details. In your code, use the "
        "error code and the status.",
        "",
        "[All error codes](/docs/errors/) · [Errors, in the guide](/docs/guide/errors)",
    ]
    return "\n".join(lines)


def _changelog() -> str:
    """Return CHANGELOG.md with the title of its page."""
    text = (settings.BASE_DIR / "CHANGELOG.md").read_text(encoding="utf-8")
    return f"# What is new\n{text.partition('\n')[2]}"
