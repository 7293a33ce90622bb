"""What a page of this room says: its sentence, its order, its form."""

import re


def words_of(html: str) -> str:
    answer = re.search(r'<p class="answer"[^>]*>(.*?)</p>', html, re.S)[1]
    return " ".join(re.sub(r"<[^>]+>", "", answer).split())


def order_of(html: str) -> list[tuple[str, str, str]]:
    """(reference, moved, place saved) of each row."""
    rows = re.findall(r'<tr data-item data-reference="(ACME-\d+)".*?</tr>', html, re.S)
    moves = re.findall(r'<td class="n moved">([^<]*)</td><td class="n">(\d+)</td>', html)
    return [(reference, *move) for reference, move in zip(rows, moves, strict=True)]


def form_of(html: str) -> dict[str, str]:
    inputs = re.findall(r"<input [^>]*>", html[html.index("<main") :])
    named = [
        (re.search(r'name="([^"]+)"', one), re.search(r'value="([^"]*)"', one)) for one in inputs
    ]
    return {name[1]: value[1] for name, value in named if name and value}
