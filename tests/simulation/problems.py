"""Whether a merge added a problem that neither side had."""

from typing import Any

import msgspec

from shared_py.analysis import analyse
from shared_py.decoding import DesignError, design_from
from shared_py.design import ModelArchitecture, etag_of

Key = tuple[str, str | None]

OF_VALUES = frozenset(
    "wrong_type out_of_range not_a_multiple not_a_choice heads_do_not_divide groups_do_not_divide stride_needs_valid"
    " too_few_experts experts_differ shape_mismatch no_class_token nothing_to_recompute too_large too_many_calls too_heavy"
    " too_much_memory".split()
)
"""problems of values that do not fit each other, which no merge of values can rule out; they are counted apart"""


class ProblemCheck:
    """Compares the problems of each merged document with those of the documents it was merged of."""

    def __init__(self) -> None:
        self.violations: list[dict[str, Any]] = []
        self._known: dict[str, frozenset[Key]] = {}

    def compare(self, pushed: dict[str, Any], before: str | None, after: str | None) -> None:
        """Note the problems of the document after a call that neither the stored nor the sent document had."""
        if before is None or after is None or after == before:
            return
        work, merged = design_from(pushed["work"]), _decoded(after)
        if merged == work:
            return
        sides = [_decoded(before), work, *([design_from(pushed["base"])] if pushed.get("base") else [])]
        new = self._of(merged) - frozenset[Key]().union(*map(self._of, sides))
        for kind, found in (
            ("new structural problem", sorted(key for key in new if key[0] not in OF_VALUES)),
            ("new problem of values", sorted(key for key in new if key[0] in OF_VALUES)),
        ):
            if found:
                documents = {"base": pushed.get("base"), "mine": pushed["work"], "theirs": before, "merged": after}
                self.violations.append({"kind": kind, "design": merged.id, "problems": found, "documents": documents})

    def _of(self, design: ModelArchitecture) -> frozenset[Key]:
        etag = etag_of(design)
        if etag not in self._known:
            self._known[etag] = frozenset((problem.code, problem.component_id) for problem in analyse(design).problems)
        return self._known[etag]


def _decoded(document: str) -> ModelArchitecture:
    return design_from(msgspec.json.decode(document))


def problems_of(raw: Any) -> list[str]:
    """The problems of a document, for reports."""
    try:
        return [problem.message for problem in analyse(design_from(raw)).problems]
    except DesignError as error:
        return [str(error)]
