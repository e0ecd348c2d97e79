"""Codes, devices and the audit log as they are stored."""

import asyncio
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.errors import CodeExpired, DataUnusable, NotFound, TooManyTries, WrongCode
from backend.pairing import database
from backend.pairing.codes import ALPHABET, CODE_LENGTH, new_code, plain_code
from backend.pairing.commands import device_lines, pair_lines, revoke
from backend.pairing.registry import CODE_LIFE_S, KEPT_ENTRIES, Registry, open_registry
from backend.pairing.service import LOCKED_S, MAX_TRIES, AccessService

PHONE, OTHER = "192.168.7.31", "192.168.7.66"
WRONG = "0000-0000-0000"


class Clock:
    """A clock whose time is set by the test."""

    def __init__(self) -> None:
        self.now = 1_796_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def registry(tmp_path: Path, clock: Clock) -> Iterator[Registry]:
    with open_registry(tmp_path, clock) as opened:
        yield opened


def test_a_code_has_sixty_bits_and_is_read_however_it_is_typed() -> None:
    code = new_code()
    assert len(ALPHABET) ** CODE_LENGTH >= 2**60
    assert len({new_code() for _ in range(100)}) == 100
    for typed in (code, code.lower(), code.replace("-", ""), code.replace("-", " "), code.replace("0", "O").replace("1", "l")):
        assert plain_code(typed) == code.replace("-", "")


def test_a_code_pairs_two_devices_from_one_address(registry: Registry) -> None:
    code = registry.make_code()
    first = registry.exchange(code, "Safari on iPhone", PHONE)
    second = registry.exchange(code.lower(), "Safari on iPhone (installed)", PHONE)
    assert first.token != second.token
    assert {device.id for device in registry.devices()} == {first.device.id, second.device.id}
    with pytest.raises(CodeExpired, match="has been used"):
        registry.exchange(code, "third", PHONE)


def test_a_code_that_was_used_is_refused_to_another_address(registry: Registry) -> None:
    code = registry.make_code()
    registry.exchange(code, "phone", PHONE)
    with pytest.raises(CodeExpired, match="has been used"):
        registry.exchange(code, "thief", OTHER)
    registry.exchange(code, "phone (installed)", PHONE)
    assert len(registry.devices()) == 2


def test_a_code_expires_after_ten_minutes(registry: Registry, clock: Clock) -> None:
    code, other = registry.make_code(), registry.make_code()
    clock.now += CODE_LIFE_S - 1
    registry.exchange(code, "in time", PHONE)
    clock.now += 1
    for late in (code, other):
        with pytest.raises(CodeExpired, match="ten minutes"):
            registry.exchange(late, "late", PHONE)
    assert len(registry.devices()) == 1


@pytest.mark.parametrize("typed", ["", WRONG, "x", "7K3M-9QXD-2HVB-0", "'; DROP TABLE devices; --", "\u0000", "é" * 12])
def test_a_wrong_code_is_refused(registry: Registry, typed: str) -> None:
    registry.make_code()
    with pytest.raises(WrongCode):
        registry.exchange(typed, "guess", PHONE)
    assert registry.devices() == []


def test_five_wrong_codes_lock_pairing_for_a_minute(tmp_path: Path, clock: Clock) -> None:
    async def guess() -> None:
        access = AccessService(tmp_path, clock, clock)
        code = await access.change(Registry.make_code)
        for _ in range(MAX_TRIES):
            with pytest.raises(WrongCode):
                await access.exchange(WRONG, "guess", OTHER)
        for typed in (WRONG, code):
            with pytest.raises(TooManyTries) as locked:
                await access.exchange(typed, "guess", OTHER)
            assert locked.value.extra == {"retry_after_s": 60}
        clock.now += LOCKED_S - 0.5
        with pytest.raises(TooManyTries):
            await access.exchange(code, "phone", PHONE)
        clock.now += 0.5
        assert (await access.exchange(code, "phone", PHONE)).device.name == "phone"
        await access.close()

    asyncio.run(guess())


def test_guesses_at_the_same_time_are_counted(tmp_path: Path, clock: Clock) -> None:
    async def guess() -> None:
        access = AccessService(tmp_path, clock, clock)
        await access.change(Registry.make_code)
        ends = await asyncio.gather(*(access.exchange(WRONG, "guess", OTHER) for _ in range(40)), return_exceptions=True)
        assert sum(isinstance(end, WrongCode) for end in ends) == MAX_TRIES
        assert sum(isinstance(end, TooManyTries) for end in ends) == 40 - MAX_TRIES
        await access.close()

    asyncio.run(guess())


def test_a_right_code_resets_the_count_of_wrong_ones(tmp_path: Path, clock: Clock) -> None:
    async def try_often() -> None:
        access = AccessService(tmp_path, clock, clock)
        for _ in range(3):
            for _ in range(MAX_TRIES - 1):
                with pytest.raises(WrongCode):
                    await access.exchange(WRONG, "typo", PHONE)
            await access.exchange(await access.change(Registry.make_code), "phone", PHONE)
        await access.close()

    asyncio.run(try_often())


def test_secrets_are_stored_as_hashes_in_a_file_for_the_owner(tmp_path: Path, registry: Registry) -> None:
    code = registry.make_code()
    token = registry.exchange(code, "phone", PHONE).token
    for path in tmp_path.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path.name
        content = path.read_bytes()
        assert token.encode() not in content
        assert plain_code(code).encode() not in content
        assert code.encode() not in content


def test_a_device_is_known_by_its_secret_until_it_is_revoked(registry: Registry, clock: Clock) -> None:
    paired = registry.exchange(registry.make_code(), " Ann's\n phone\u0000 ", PHONE)
    known = registry.device_of(paired.token)
    assert known is not None
    assert known.name == "Ann's phone"
    assert registry.device_of(paired.token + "x") is None
    assert not registry.is_use_new(known)
    clock.now += 120
    assert registry.is_use_new(known)
    registry.store_use(known.id, cookie_sent=False)
    (device,) = registry.devices(known.id)
    assert device.last_used_at > device.paired_at
    assert device.current
    assert registry.revoke(known.id) == "Ann's phone"
    assert registry.device_of(paired.token) is None
    with pytest.raises(NotFound):
        registry.revoke(known.id)


def test_the_audit_log_keeps_the_newest_entries(registry: Registry) -> None:
    for number in range(5):
        registry.record("v1", "phone", f"r{number}", "design changed", "d1")
    assert [entry.request_id for entry in registry.audit(None, 2)] == ["r4", "r3"]
    oldest = registry.audit(None, 2)[-1].number
    assert [entry.request_id for entry in registry.audit(oldest, 2)] == ["r2", "r1"]
    registry._db.execute("UPDATE sqlite_sequence SET seq = seq + ? WHERE name = 'audit'", (KEPT_ENTRIES,))
    registry.record("v1", "phone", "r5", "run deleted", "r1")
    assert [entry.request_id for entry in registry.audit(None, 9)] == ["r5"]


def test_the_command_line_lists_pairs_and_revokes(tmp_path: Path) -> None:
    assert device_lines(tmp_path) == ["No device is paired"]
    assert not database.exists(tmp_path)
    code = next(word for line in pair_lines(tmp_path) for word in line.split() if len(word) == 14 and word.count("-") == 2)
    with open_registry(tmp_path) as registry:
        device = registry.exchange(code, "phone", PHONE).device
    heading, row = device_lines(tmp_path)
    assert heading.split()[0] == "ID"
    assert row.startswith(device.id)
    assert row.endswith("phone")
    assert revoke(tmp_path, device.id) == "phone"
    assert device_lines(tmp_path) == ["No device is paired"]
    with pytest.raises(NotFound):
        revoke(tmp_path, device.id)


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / database.FILE).write_text("notes " * 500)
    with pytest.raises(DataUnusable, match="pair the devices anew"), open_registry(tmp_path):
        pass


def test_another_process_is_noticed(registry: Registry, tmp_path: Path) -> None:
    before = registry.data_version()
    with open_registry(tmp_path) as other:
        other.make_code()
    assert registry.data_version() != before


def test_a_code_is_refused_where_no_server_keeps_its_data(tmp_path: Path) -> None:
    missing = tmp_path / "elsewhere"
    with pytest.raises(NotFound, match="--data"):
        pair_lines(missing)
    assert not missing.exists()
