"""Applies sync calls so that no other call waits for a long merge."""

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Concatenate, ParamSpec, TypeVar

from backend.errors import DatabaseDamaged, DatabaseReplaced, InvalidDocument, TooManyDesigns, UnreadableDesign
from backend.process.threads import run_detached
from backend.store.database import Store, Transaction
from backend.store.designs import find_design
from backend.sync.apply import Applied, KnownDesign, Sender, apply_push, begin_call, decide, end_call, store_if_unchanged
from backend.sync.reconcile import Push
from backend.sync.request import RawSyncRequest
from backend.web.problem_details import details_of
from shared_py.design import ModelArchitecture
from shared_py.protocol import Rejection, SyncedDesign, VersionVector

P = ParamSpec("P")
T = TypeVar("T")
BATCH_S = 0.05
"""after which the next designs of a call get a transaction of their own, so that other calls come between"""
LARGE = 100
"""components of a design that is merged beside the thread of the database: a merge can take seconds then"""
TRIES = 3
"""such merges of one push, where the design changes meanwhile; after that it is merged on the thread of the database"""
_REFUSED = (InvalidDocument, UnreadableDesign, DatabaseDamaged, DatabaseReplaced, TooManyDesigns)


class SyncService:
    """Applies the designs of sync calls."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._merging = asyncio.Lock()
        """held by the one long merge at a time, since several would only slow each other down"""

    async def apply(self, call: RawSyncRequest, entries: Sequence[Push | Rejection]) -> Applied:
        """Apply every push in turn; each reaches the disk whole or not at all, and a phone sends again what was not answered."""
        store = self._store
        pushes = [entry for entry in entries if isinstance(entry, Push)]
        is_storing = store.condition == "ok"
        sender = await store.call(begin_call, call, pushes, store.epoch, is_storing=is_storing)
        results: list[SyncedDesign | Rejection] = [entry for entry in entries if isinstance(entry, Rejection)]
        while pushes:
            if is_storing and _is_large(pushes[0]):
                done = [await self._apply_large(pushes[0], sender)]
            else:
                done = await store.call(_apply_some, pushes, sender)
            results += done
            pushes = pushes[len(done) :]
        return await store.call(end_call, call, sender, results)

    async def _apply_large(self, push: Push, sender: Sender) -> SyncedDesign | Rejection:
        store = self._store
        try:
            async with self._merging:
                for _ in range(TRIES):
                    before = await store.call(find_design, push.id)
                    known = _DistantDesign(store, push.id, sender)
                    decision = await run_detached(decide, push, before, known, store.actor)
                    if (result := await store.call(store_if_unchanged, push, before, decision, sender)) is not None:
                        return result
            return await store.call(apply_push, push, sender)
        except _REFUSED as error:
            return Rejection(push.id, details_of(error))


def _apply_some(transaction: Transaction, pushes: Sequence[Push], sender: Sender) -> list[SyncedDesign | Rejection]:
    """Apply the first pushes in one transaction, at least one of them, until a time limit or a large design."""
    end = time.monotonic() + BATCH_S
    results: list[SyncedDesign | Rejection] = []
    for push in pushes:
        if results and (time.monotonic() > end or _is_large(push)):
            break
        try:
            results.append(apply_push(transaction, push, sender))
        except _REFUSED as error:
            results.append(Rejection(push.id, details_of(error)))
    return results


def _is_large(push: Push) -> bool:
    return any(design is not None and len(design.components) > LARGE for design in (push.work, push.base))


class _DistantDesign:
    """What the store knows about a design, asked from another thread."""

    def __init__(self, store: Store, design_id: str, sender: Sender) -> None:
        self._store = store
        self._loop = asyncio.get_running_loop()
        self._design_id = design_id
        self._sender = sender

    def _ask(self, question: Callable[Concatenate[KnownDesign, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        def answer(transaction: Transaction) -> T:
            known = KnownDesign(transaction, self._design_id, self._sender.same_history)
            return question(known, *args, **kwargs)

        return asyncio.run_coroutine_threadsafe(self._store.call(answer), self._loop).result()

    def is_repeat(self, push: Push) -> bool | None:
        """Whether the change of the push's number has its content; None where that is not known."""
        return self._ask(KnownDesign.is_repeat, push)

    def vector_of(self, document: ModelArchitecture) -> VersionVector | None:
        """The version vector of an earlier version; None if the server never had it."""
        return self._ask(KnownDesign.vector_of, document)

    def versions(self) -> list[tuple[int, VersionVector]]:
        """Every earlier version, newest first: its number and its vector."""
        return self._ask(KnownDesign.versions)

    def document(self, number: int) -> ModelArchitecture:
        """The document of an earlier version."""
        return self._ask(KnownDesign.document, number)
