"""Which of two cells a block stands in, told by the elements of the page and never by class names.

Text alone does not tell whose a lone value is. In HTML the empty cell beside it does.
"""

from __future__ import annotations

from collections.abc import Sequence

from selectolax.lexbor import LexborNode

from crawler.pages.sheet import Sheet

MOST_CELLS = 40
"""An element with more parts is no row of a table."""


def group_by_cell(sheet: Sheet, numbers: Sequence[int]) -> list[list[int]]:
    """The blocks `numbers`, grouped by the child of their nearest common element; [] in text."""
    paths = [_path(sheet.node(number)) for number in numbers]
    if len(paths) < 2 or not all(paths):
        return []
    depth = 0
    while all(len(path) > depth + 1 for path in paths) and len({path[depth].mem_id for path in paths}) == 1:
        depth += 1
    groups: list[list[int]] = []
    last = None
    for number, path in zip(numbers, paths, strict=True):
        if path[depth].mem_id != last:
            groups.append([])
            last = path[depth].mem_id
        groups[-1].append(number)
    return groups


def in_row(sheet: Sheet, label: int, numbers: Sequence[int]) -> list[int]:
    """Those of the blocks `numbers` that stand in the same row, or the same table, as `label` and the first of them.

    Empty in text, where nothing tells.
    """
    label_path = {node.mem_id for node in _path(sheet.node(label))}
    shared = [node.mem_id for node in _path(sheet.node(numbers[0])) if node.mem_id in label_path]
    if not shared:
        return []
    return [n for n in numbers if any(node.mem_id == shared[-1] for node in _path(sheet.node(n)))]


def lone_cell(sheet: Sheet, numbers: Sequence[int], label: int | None) -> int | None:
    """Whether the blocks `numbers`, which stand alone in their row, are in its first (0) or second (1) cell.

    `label` is the block that names the row, where there is one. None where no empty cell tells.
    """
    paths = [_path(sheet.node(number)) for number in numbers]
    if not all(paths):
        return None
    label_ids = {node.mem_id for node in _path(sheet.node(label))} if label is not None else set()
    common = set.intersection(*({node.mem_id for node in path} for path in paths))
    cell = next((node for node in reversed(paths[0]) if node.mem_id in common), None)
    while cell is not None and cell.parent is not None and cell.tag != "body":
        row = _children(sheet, cell.parent)
        if len(row) > MOST_CELLS:
            return None
        place = next(n for n, node in enumerate(row) if node.mem_id == cell.mem_id)
        named = next((n for n, node in enumerate(row) if node.mem_id in label_ids), None)
        if named is not None and named >= place:
            return None
        first = place
        while first > (-1 if named is None else named) + 1 and _is_empty(sheet, row[first - 1]):
            first -= 1
        last = place
        while last + 1 < len(row) and _is_empty(sheet, row[last + 1]):
            last += 1
        if first != (0 if named is None else named + 1):
            return None
        if last > first:
            return place - first if last - first == 1 else None
        if named is not None or last + 1 < len(row):
            return None
        cell = cell.parent
    return None


def _path(node: LexborNode | None) -> list[LexborNode]:
    """The elements around a block, outermost first, the block's own last."""
    path: list[LexborNode] = []
    while node is not None and node.tag not in ("body", "html"):
        path.append(node)
        node = node.parent
    return path[::-1]


def _children(sheet: Sheet, node: LexborNode) -> list[LexborNode]:
    """The elements in `node` that may be cells. Many blocks may ask for those of one element."""
    if node.mem_id not in sheet.children:
        sheet.children[node.mem_id] = [each for each in node.iter() if each.tag not in ("script", "style", "template")]
    return sheet.children[node.mem_id]


def _is_empty(sheet: Sheet, node: LexborNode) -> bool:
    text = node.text()
    sheet.work.spend(len(text))
    return not text.strip()
