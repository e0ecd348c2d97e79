"""The waits between tries."""

from backend.process.backoff import Backoff


def test_each_wait_is_twice_as_long_up_to_the_longest() -> None:
    backoff = Backoff(10.0, 60.0, uniform=lambda: 0.5)
    assert [backoff.next_s() for _ in range(5)] == [10.0, 20.0, 40.0, 60.0, 60.0]


def test_a_wait_is_varied_by_a_quarter() -> None:
    assert Backoff(10.0, 60.0, uniform=lambda: 0.0).next_s() == 7.5
    assert Backoff(10.0, 60.0, uniform=lambda: 1.0).next_s() == 12.5
    assert len({Backoff(10.0, 60.0).next_s() for _ in range(20)}) > 1
