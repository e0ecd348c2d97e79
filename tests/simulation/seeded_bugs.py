"""Bugs that the simulation has to find: small patches of the text of a module, applied as it is loaded."""

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import CodeType, ModuleType

from msgspec import Struct


class Patch(Struct, frozen=True):
    """A text that a source file has once, and what stands there with the bug."""

    file: str
    old: str
    new: str


class Bug(Struct, frozen=True):
    """A bug, the mode in which the simulation finds it, and what it finds then, in one run at least so often."""

    mode: str
    finds: tuple[str, ...]
    patches: tuple[Patch, ...]
    at_least: int = 1


_RECONCILE = "backend/sync/reconcile.py"
_ROWS = "pwa/src/sync/row_after.ts"
_REVERTED = ("value reverted", "value lost")
_LOST = ("component lost", "value lost", "value reverted", "overwritten without a record")

BUGS: dict[str, Bug] = {
    "repeats are applied": Bug(
        "none",
        (*_REVERTED, "deleted component came back"),
        (Patch(_RECONCILE, "newest = server.seen.get(push.client_id, -1)", "newest = -1"),),
    ),
    "base ignored": Bug(
        "none",
        ("deleted component came back", *_REVERTED),
        (Patch(_RECONCILE, "base, base_seen = _base_of(push, known)", "base, base_seen = None, {}"),),
    ),
    "vectors not joined": Bug(
        "copyback",
        (*_LOST, "not settled", "stuck", "phone differs", "deleted component came back"),
        (Patch(_RECONCILE, "seen = joined(server.seen, base_seen)", "seen = dict(server.seen)"),),
    ),
    "copied phone not recognised by the server": Bug(
        "rollback",
        _LOST,
        (Patch(_RECONCILE, "forked=not _is_repeat(push, server, known))", "forked=False)"),),
    ),
    "copied phone keeps its client id": Bug(
        "rollback",
        ("stuck", "not settled"),
        (Patch("pwa/src/sync/apply_response.ts", "put(isCopy(meta, sent, response) ?", "put(false ?"),),
    ),
    "conflicts dropped": Bug(
        "none",
        ("overwritten without a record",),
        (Patch("backend/store/conflicts.py", "    if not conflicts:\n        return\n", "    return\n"),),
    ),
    "a delete beats edits": Bug(
        "none",
        ("edit lost with its design",),
        (Patch(_RECONCILE, "has_news = current is not None and (base is None or not _same(base, current))", "has_news = False"),),
    ),
    "merged drawings not repaired": Bug(
        "none",
        ("new structural problem",),
        (
            Patch(
                "shared_py/merge.py",
                "_Attempt(combined, *repaired(versions, combined, prefer, fewer), decisions)",
                "_Attempt(combined, combined, [], decisions)",
            ),
        ),
        at_least=4,
    ),
    "history not compared": Bug(
        "copyback",
        (*_LOST, "phone differs", "phone lacks a design"),
        (
            Patch(
                "backend/sync/apply.py",
                "return token_at(transaction, call.cursor) == call.cursor_token",
                "return call.cursor <= design_cursor(transaction)",
            ),
        ),
    ),
    "cursor stored before the designs": Bug(
        "none",
        ("phone differs", "phone lacks a design"),
        (
            Patch(
                "pwa/src/sync/sync_session.ts",
                "const applied = await applyResponse(prepared, await post(prepared.request))",
                """const response = await post(prepared.request)
        const { epoch, cursor, cursor_token: cursorToken } = response
        await withDatabase(async (db) => {
          const meta = await db.get('meta', 'sync')
          if (meta) await db.put('meta', { ...meta, epoch, cursor, cursorToken }, 'sync')
        })
        const applied = await applyResponse(prepared, response)""",
            ),
        ),
    ),
    "sent change not kept": Bug(
        "none",
        _LOST,
        (Patch("pwa/src/sync/build_request.ts", "if (!sending.report && !row.sent?.clientId) await", "if (false) await"),),
    ),
    "edited rows replaced": Bug(
        "none",
        _LOST,
        (Patch(_ROWS, "  if (before.dirty) return answer.isOtherHistory", "  if (false) return answer.isOtherHistory"),),
    ),
    "edit during a call based on the answer": Bug(
        "none",
        (*_LOST, "deleted component came back"),
        (
            Patch(
                _ROWS,
                "{ ...acknowledged, base: sent.work,",
                "{ ...acknowledged, base: synced.document ?? null, baseSeen: synced.seen,",
            ),
        ),
    ),
    "nothing reported to a restored server": Bug(
        "copyback",
        (*_LOST, "deleted component came back"),
        (Patch(_ROWS, "(answer.isOtherHistory || before.report) &&", "before.report &&"),),
    ),
}


class _Patched(SourceFileLoader):
    """Loads a module with patches; nothing is cached."""

    patches: tuple[Patch, ...] = ()

    def get_code(self, fullname: str) -> CodeType:
        path = self.get_filename(fullname)
        text = self.get_data(path).decode()
        for patch in self.patches:
            if text.count(patch.old) != 1:
                raise ValueError(f"{patch.file} does not have this text once: {patch.old}")
            text = text.replace(patch.old, patch.new)
        code: CodeType = self.source_to_code(text.encode(), path)
        return code


class _Finder(MetaPathFinder):
    def __init__(self, bug: Bug) -> None:
        self._bug = bug

    def find_spec(self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        file = fullname.replace(".", "/") + ".py"
        patches = tuple(patch for patch in self._bug.patches if patch.file == file)
        spec = PathFinder.find_spec(fullname, path, target) if patches else None
        if spec is None or spec.origin is None:
            return None
        loader = _Patched(fullname, spec.origin)
        loader.patches = patches
        spec.loader = loader
        return spec


def install(bug: Bug) -> None:
    """Let the modules of a bug be loaded with its patches; before any of them is imported."""
    for patch in bug.patches:
        name = patch.file.removesuffix(".py").replace("/", ".")
        if patch.file.endswith(".py") and name in sys.modules:
            raise RuntimeError(f"{name} is loaded already")
    sys.meta_path.insert(0, _Finder(bug))
