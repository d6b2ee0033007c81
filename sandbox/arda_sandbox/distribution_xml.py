"""CloudFront's XML documents: a distribution's configuration, a key group's, and the lists in them."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from defusedxml.ElementTree import fromstring


def parse(document: bytes | str) -> Element:
    """An XML document without its namespace."""
    root = fromstring(document)
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    return root


def items(root: Element, path: str) -> list[str]:
    """The texts of a list such as ``Aliases/Items/CNAME``."""
    return [element.text or "" for element in root.findall(path)]
