"""The page of the platforms that the catalogue knows, from their files."""

from __future__ import annotations

from collections.abc import Iterator

from passmuster.intel.catalogue.entry import Catalogue, Embedded, Fact, Origin, Platform, Product
from passmuster.intel.catalogue.load import load_catalogue

_LEAD = """# Platforms of the catalogue

What is known of each platform and where that was read. *Not looked up* marks what nobody read anywhere: it is from
general knowledge, a hint and no evidence. What a self-hosted copy brings has advisories of its own; which versions run,
a bill of materials tells, so none of it is held against a platform. Add yours: [how](../howto/affected.md).

"""
_PARTS = ("names", "vendors", "purls", "cpes", "hosting", "who_patches")


def catalogue_page() -> str:
    """All platforms by name, after a table of how much was looked up."""
    catalogue = load_catalogue()
    ordered = sorted(catalogue.platforms, key=lambda each: each.name.casefold())
    return _LEAD + _counts(catalogue) + "".join(map(_platform, ordered))


def _counts(catalogue: Catalogue) -> str:
    rows = [
        ("release cadence", sum(each.release_cadence is not None for each in catalogue.platforms)),
        ("patch cadence", sum(each.patch_cadence is not None for each in catalogue.platforms)),
        ("where the vendor announces", sum(bool(each.announcements) for each in catalogue.platforms)),
        ("embedded components", sum(bool(each.embedded) for each in catalogue.platforms)),
    ]
    of = len(catalogue.platforms)
    lines = [f"| {what} | {count} of {of} platforms |\n" for what, count in rows]
    for part in _PARTS:
        told = [each for each in catalogue.products if getattr(each, part)]
        lines.append(f"| `{part}` | {sum(each.is_checked(part) for each in told)} of {len(told)} products |\n")
    return "| what | looked up |\n|---|---|\n" + "".join(lines) + "\n"


def _platform(platform: Platform) -> str:
    parts = [f"## {platform.name}\n\nBy {platform.vendor}; `{platform.id}`.\n\n", _products(platform)]
    parts += [f"*{label}.* {_fact(fact)}\n\n" for label, fact in _facts(platform)]
    return "".join(parts) + _embedded(platform)


def _products(platform: Platform) -> str:
    rows = [
        f"| {each.name} | {each.role} | {_part(each, 'hosting', ', '.join(each.hosting))} "
        f"| {_part(each, 'who_patches', _who(each))} | {each.scheme or ''} | {_names(each)} |\n"
        for each in platform.products
    ]
    head = "| product | role | hosting | who patches | versions | names in advisories |\n|---|---|---|---|---|---|\n"
    return head + "".join(rows) + "\n"


def _who(product: Product) -> str:
    return ", ".join(f"{hosting}: {who}" for hosting, who in product.who_patches.items())


def _part(product: Product, name: str, text: str) -> str:
    if not text:
        return ""
    return f"{text} ([read]({product.source_of(name)}))" if product.is_checked(name) else f"{text} (*not looked up*)"


def _names(product: Product) -> str:
    names = [*product.names, *product.purls, *(f"cpe {each}" for each in product.cpes)]
    doubt = [name for name in ("names", "purls", "cpes") if getattr(product, name) and not product.is_checked(name)]
    told = " ".join(f"`{name}`" for name in names)
    return f"{told} (*not looked up: {', '.join(doubt)}*)" if doubt else told


def _facts(platform: Platform) -> Iterator[tuple[str, Fact]]:
    if platform.release_cadence:
        yield "Releases", platform.release_cadence
    if platform.patch_cadence:
        yield "Patches", platform.patch_cadence
    for each in platform.announcements:
        yield "Announced", each


def _fact(fact: Fact) -> str:
    return f"{fact.text}{f': <{fact.url}>' if fact.url else '.'} {_read(fact.origin)}"


def _read(origin: Origin) -> str:
    if origin.checked_on is None:
        return "(*not looked up*)"
    return f"([read]({origin.source}) on {origin.checked_on})"


def _embedded(platform: Platform) -> str:
    if not platform.embedded:
        return ""
    rows = [_part_of_a_copy(each) for each in platform.embedded]
    return "| a self-hosted copy brings | where | names in advisories | what was read |\n|---|---|---|---|\n" + (
        "".join(rows) + "\n"
    )


def _part_of_a_copy(part: Embedded) -> str:
    names = " ".join(f"`{name}`" for name in (*part.purls, *(f"cpe {each}" for each in part.cpes)))
    return f"| {part.name} | {part.where or ''} | {names} | {part.text} {_read(part.origin)} |\n"
