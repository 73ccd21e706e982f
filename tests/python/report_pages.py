"""What tests ask of the pages of a report: what they refer to, and whether it is there."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any


class Page(HTMLParser):
    """What a page refers to, its ids, its text, and the tags that it opened."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.references: list[str] = []
        self.ids: set[str] = set()
        self.tags: list[str] = []
        self.attributes: list[str] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attributes:
            self.attributes.append(name)
            if name in ("href", "src", "xlink:href", "action", "srcset", "poster", "data"):
                self.references.append(value or "")
            if name == "id":
                self.ids.add(value or "")

    def handle_data(self, data: str) -> None:
        self.text += data


def pages_of(folder: Path) -> dict[Path, Page]:
    return {path: Page(path.read_text(encoding="utf-8")) for path in folder.rglob("*.html")}


def check_links(folder: Path) -> None:
    pages = pages_of(folder)
    for path, page in pages.items():
        for reference in page.references:
            if reference == "data:,":  # the empty icon
                continue
            assert not re.match(r"[a-z]+:|//", reference, re.IGNORECASE), (path, reference)
            file, _, anchor = reference.partition("#")
            target = (path.parent / file).resolve() if file else path
            assert target.is_file(), (path, reference)
            is_docs = target == (folder.parent / "docs" / "index.html").resolve()
            assert target.is_relative_to(folder.resolve()) or target == path or is_docs
            if anchor:
                assert anchor in pages[target].ids, (path, reference)


def facts_of_page(page: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The manifest and the catalogue that stand in the page of the models."""
    decoder = json.JSONDecoder()
    manifest, _ = decoder.raw_decode(page, page.index('{manifest:{"metadata"') + len("{manifest:"))
    catalog, _ = decoder.raw_decode(page, page.index(',catalog:{"metadata"') + len(",catalog:"))
    return manifest, catalog
