"""Texts of control packs (Markdown) as HTML that can hold no markup of their own, no heading and no image."""

from __future__ import annotations

from functools import cache
from typing import Any

from markdown_it import MarkdownIt
from markupsafe import Markup

from passmuster.report.text import clean


def prose(text: str) -> Markup:
    """The text as safe HTML: paragraphs, lists, emphasis, code and links."""
    return Markup(_markdown().render(clean(text)))  # noqa: S704  (raw HTML is off, everything else is escaped)


@cache
def _markdown() -> MarkdownIt:
    markdown = MarkdownIt("commonmark", {"html": False, "linkify": False})
    markdown.disable(["heading", "lheading", "image", "html_block", "html_inline"])
    markdown.add_render_rule("link_open", _open_link)
    return markdown


def _open_link(renderer: Any, tokens: Any, index: int, options: Any, env: Any) -> str:
    tokens[index].attrSet("rel", "noopener noreferrer")
    rendered: str = renderer.renderToken(tokens, index, options, env)
    return rendered
