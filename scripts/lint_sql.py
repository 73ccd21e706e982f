"""sqlfluff as it is, in less than half of its time: `python scripts/lint_sql.py lint models tests`.

Four of its rules of layout look at the whole of a file, and each makes the same picture of it first, which
takes longer than the looking. Here it is made once for all four. And its processes hand each file back with
the tree they read in it, which only `fix` needs: here without. A test compares what either finds.
"""

import gc
from typing import Any

from sqlfluff.cli.commands import cli
from sqlfluff.core import Linter
from sqlfluff.utils.reflow.depthmap import DepthMap
from sqlfluff.utils.reflow.sequence import ReflowSequence

_pictured = ReflowSequence.from_root
_last: list[tuple[Any, Any, ReflowSequence]] = []  # of one file only: the next takes its place


def _pictured_once(root_segment: Any, config: Any) -> ReflowSequence:
    """The picture of a file, as a copy: a rule may write into it."""
    if not (_last and _last[0][0] is root_segment and _last[0][1] is config):
        _last[:] = [(root_segment, config, _pictured(root_segment, config))]
    picture = _last[0][2]
    depth_map = DepthMap([])
    depth_map.depth_info = dict(picture.depth_map.depth_info)
    return ReflowSequence(list(picture.elements), root_segment, picture.reflow_config, depth_map)


_linted = Linter.lint_rendered


def _linted_without_tree(rendered: Any, rule_pack: Any, fix: bool = False, formatter: Any = None) -> Any:
    """What was found in a file; millions of small objects need not go from one process to the other."""
    file = _linted(rendered, rule_pack, fix, formatter)
    return file if fix else file._replace(tree=None)


# At the top, not under the guard: sqlfluff's processes load this file, too.
setattr(ReflowSequence, "from_root", staticmethod(_pictured_once))  # noqa: B010 - so that mypy lets it pass
setattr(Linter, "lint_rendered", staticmethod(_linted_without_tree))  # noqa: B010
gc.set_threshold(200_000, 20, 20)  # millions of small objects that live as long as their file

if __name__ == "__main__":
    cli()
