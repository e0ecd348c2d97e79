"""The service for notifications: who is notified, and what is sent when a run ends."""

import asyncio
import base64
import hashlib
import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

from backend.errors import InvalidRequest, NotFound, PairingNeeded
from backend.notifications.delivery import Deliveries, DeliveryRules, Message
from backend.notifications.endpoints import public_addresses, read_endpoint
from backend.notifications.keys import is_public_key, make_key, public_text, read_key
from backend.pairing.registry import NotifiedDevice, Registry
from backend.pairing.service import AccessService
from backend.runs.run_folder import ACTIVE
from backend.runs.service import RunService
from backend.store.database import Store
from backend.store.designs import get_design
from shared_py.protocol import PushState, Run, RunEnded, RunStatusChanged, SubscriptionRequest

_log = logging.getLogger(__name__)
MAX_AGE = timedelta(days=1)
"""a run that ended earlier is no news: it is read again after its messages were lost"""
MAX_NAME = 80
REMEMBERED = 500
UNNAMED = "Your network"
PUSH_SERVICE = "push service"
"""the device in the audit log when a push service has ended a subscription"""


class NotificationService:
    """Stores subscriptions and notifies their devices; nothing of it runs before the first device subscribes."""

    def __init__(self, data_dir: Path, access: AccessService, training: RunService, store: Store, rules: DeliveryRules) -> None:
        self._data_dir, self._rules = data_dir, rules
        self._access, self._training, self._store = access, training, store
        self._deliveries = Deliveries(rules, self._is_subscribed, self._remove)
        self._key: EllipticCurvePrivateKey | None = None
        self._key_lock = asyncio.Lock()
        self._ended: asyncio.Queue[str] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None
        self._notified: dict[str, str | None] = {}
        """when the runs ended that were notified about, the newest last"""

    def open(self) -> None:
        """Start sending."""
        self._task = asyncio.create_task(self._run())

    async def close(self) -> None:
        """Stop; what has not been sent is lost."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._deliveries.close()

    async def state_of(self, device_id: str | None) -> PushState:
        """What a device has to know to subscribe; with None, that this server does not pair devices. DataUnusable."""
        if device_id is None:
            return PushState(paired=False)
        key = await self._read_or_make_key()
        found = [device.endpoint for device in self._devices() if device.device_id == device_id]
        return PushState(paired=True, public_key=public_text(key), endpoint=found[0] if found else None)

    async def subscribe(self, device_id: str | None, subscription: SubscriptionRequest) -> None:
        """Notify a device from now on; PairingNeeded, InvalidRequest, PushServiceUnreachable, TooManySubscriptions."""
        if device_id is None:
            raise PairingNeeded("Notifications need a paired device, and this server does not pair devices")
        loopback = self._rules.allow_loopback
        await public_addresses(read_endpoint(subscription.endpoint, allow_loopback=loopback), allow_loopback=loopback)
        if not is_public_key(subscription.keys.p256dh):
            message = "not a point of P-256 in base64url"
            raise InvalidRequest(f"{message} (at /keys/p256dh)", errors=[{"pointer": "/keys/p256dh", "message": message}])
        await self._read_or_make_key()
        keys = subscription.keys
        notified = NotifiedDevice(device_id, subscription.endpoint, keys.p256dh, keys.auth)
        await self._access.change(Registry.subscribe, notified)

    async def unsubscribe(self, device_id: str | None) -> None:
        """Notify a device no more; nothing happens if it was not."""
        if device_id is not None:
            await self._access.change(Registry.unsubscribe, device_id)

    def on_status(self, message: RunStatusChanged) -> None:
        """Queue a run that has ended, unless a person stopped it."""
        by_a_person = message.status == "stopped" and message.reason is None
        if message.status not in ACTIVE and not by_a_person and self._task is not None:
            self._ended.put_nowait(message.run_id)

    async def _run(self) -> None:
        while True:
            run_id = await self._ended.get()
            try:
                await self._notify(run_id)
            except NotFound:
                continue
            except Exception:
                _log.exception("nobody is notified that run %s has ended", run_id)

    async def _notify(self, run_id: str) -> None:
        devices = self._devices()
        if not devices:
            return
        run = await self._training.run(run_id)
        key = await asyncio.to_thread(read_key, self._data_dir)
        if key is None or not self._is_news(run):
            return
        topic = base64.urlsafe_b64encode(hashlib.sha256(run_id.encode()).digest()[:24]).decode()
        message = Message(msgspec.json.encode(await self._content(run)), topic)
        for device in devices:
            self._deliveries.send(key, device, message)

    def _is_news(self, run: Run) -> bool:
        """Whether a run has ended lately, and nobody was notified of this end yet."""
        if run.status in ACTIVE or (run.id in self._notified and self._notified[run.id] == run.ended_at):
            return False
        self._notified.pop(run.id, None)
        self._notified[run.id] = run.ended_at
        if len(self._notified) > REMEMBERED:
            del self._notified[next(iter(self._notified))]
        return run.ended_at is None or datetime.now(UTC) - datetime.fromisoformat(run.ended_at) < MAX_AGE

    async def _content(self, run: Run) -> RunEnded:
        """The message about a run: no more than the name of its design and the score."""
        try:
            name = (await self._store.call(get_design, run.design_id)).meta.name
        except NotFound:
            name = UNNAMED
        score = run.score if run.best_score is None else run.best_score
        return RunEnded(run.id, run.design_id, name[:MAX_NAME], run.status, None if score is None else round(score, 1))

    def _devices(self) -> list[NotifiedDevice]:
        return self._access.registry.notified_devices() if self._access.is_used else []

    async def _is_subscribed(self, device: NotifiedDevice) -> bool:
        return device in self._devices()

    async def _remove(self, device: NotifiedDevice) -> None:
        """Remove a subscription that its push service no longer knows."""
        if await self._access.change(Registry.unsubscribe, device.device_id, device.endpoint):
            await self._access.change(Registry.record, "", PUSH_SERVICE, "", "notifications turned off", device.device_id)

    async def _read_or_make_key(self) -> EllipticCurvePrivateKey:
        """The key, created if there is none; subscriptions are bound to a key, so those of a lost one are removed."""
        async with self._key_lock:
            if self._key is None:
                self._key = await asyncio.to_thread(read_key, self._data_dir)
            if self._key is None:
                self._key = await asyncio.to_thread(make_key, self._data_dir)
                await self._access.change(Registry.forget_subscriptions)
            return self._key
