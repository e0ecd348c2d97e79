"""The Gymnasium environments keep Gymnasium's contract and the game's rules."""

from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env
from gymnasium.vector import AutoresetMode, SyncVectorEnv

from backend.environment.gym_2048_env import ENVIRONMENT_ID, Game2048Env, Game2048VectorEnv, board_text
from shared_py import game_2048 as plain


@pytest.mark.parametrize("render_mode", [None, "ansi", "rgb_array"])
def test_gymnasium_finds_no_fault(render_mode: str | None) -> None:
    environment = gym.make(ENVIRONMENT_ID, render_mode=render_mode)
    assert isinstance(environment.unwrapped, Game2048Env)
    check_env(environment.unwrapped)
    environment.close()


def play(environment: gym.Env[Any, Any], seed: int) -> list[Any]:
    board, info = environment.reset(seed=seed)
    environment.action_space.seed(seed)
    history: list[Any] = [board.tolist()]
    over = False
    while not over:
        action = environment.action_space.sample(info["action_mask"])
        expected, points, moved = plain.move(tuple(board.tolist()), int(action))
        board, reward, over, truncated, info = environment.step(action)
        assert moved
        assert info["moved"]
        assert reward == points
        assert not truncated
        assert sum(a != b for a, b in zip(expected, board.tolist(), strict=True)) == 1
        assert over == plain.is_over(tuple(board.tolist()))
        history.append((board.tolist(), reward))
    assert info["score"] == sum(reward for _, reward in history[1:])
    assert not info["action_mask"].any()
    return history


def test_games_follow_the_rules_and_repeat_by_seed() -> None:
    environment = gym.make(ENVIRONMENT_ID)
    assert play(environment, 7) == play(environment, 7)
    assert play(environment, 7) != play(environment, 8)


def test_playing_on_after_the_end_is_an_error() -> None:
    environment = Game2048Env()
    with pytest.raises(gym.error.ResetNeeded):
        environment.step(np.int64(0))
    almost_over = [1, 2, 1, 2, 2, 1, 2, 1, 1, 2, 1, 2, 2, 1, 5, 5]
    environment.reset(seed=0, options={"board": almost_over})
    with pytest.raises(gym.error.InvalidAction):
        environment.step(np.int64(4))
    _, points, over, _, _ = environment.step(np.int64(3))
    assert (points, over) == (64, True)
    with pytest.raises(gym.error.ResetNeeded):
        environment.step(np.int64(3))


def test_an_idle_move_changes_nothing() -> None:
    environment = Game2048Env()
    environment.reset(seed=0, options={"board": [1] + [0] * 15})
    board, points, over, _, info = environment.step(np.int64(3))
    assert (board.tolist(), points, over, info["moved"]) == ([1] + [0] * 15, 0.0, False, False)


@pytest.mark.parametrize("board", [[18] + [0] * 15, [0] * 15, [17] * 16, [-1] + [0] * 15])
def test_bad_boards_are_refused(board: list[int]) -> None:
    with pytest.raises(ValueError, match="board"):
        Game2048Env().reset(options={"board": board})


def test_pictures() -> None:
    with pytest.raises(ValueError, match="render_mode"):
        Game2048Env(render_mode="human")
    text = Game2048Env(render_mode="ansi")
    text.reset(options={"board": list(range(16))})
    assert text.render().split() == [".", *[str(2**exponent) for exponent in range(1, 16)]]
    picture = Game2048Env(render_mode="rgb_array")
    picture.reset(options={"board": [17, *range(15)]})
    drawn = picture.render()
    assert (drawn.shape, drawn.dtype) == ((256, 256, 3), np.uint8)
    assert len(np.unique(drawn.reshape(-1, 3), axis=0)) > 15


def test_many_games_at_once() -> None:
    environment = gym.make_vec(ENVIRONMENT_ID, num_envs=16, vectorization_mode="vector_entry_point")
    assert isinstance(environment, Game2048VectorEnv)
    boards, info = environment.reset(seed=5)
    scores = np.zeros(16)
    ended = 0
    while ended < 16:
        assert environment.observation_space.contains(boards)
        actions = info["action_mask"].argmax(axis=1)
        expected = [plain.move(tuple(board), int(action)) for board, action in zip(boards.tolist(), actions, strict=True)]
        boards, rewards, over, truncated, info = environment.step(actions)
        scores += rewards
        assert rewards.tolist() == [points for _, points, _ in expected]
        assert not truncated.any()
        for index in np.flatnonzero(over):
            assert plain.is_over(tuple(info["final_obs"][index].tolist()))
            assert info["final_info"]["score"][index] == scores[index]
            assert np.count_nonzero(boards[index]) == 2
            scores[index] = 0
            ended += 1
        assert info["score"].tolist() == scores.tolist()
    environment.close()


def shapes(info: dict[str, Any]) -> dict[str, Any]:
    return {name: shapes(entry) if isinstance(entry, dict) else (entry.dtype, entry.shape) for name, entry in info.items()}


@pytest.mark.parametrize("mode", [AutoresetMode.SAME_STEP, AutoresetMode.NEXT_STEP])
def test_information_is_that_of_gymnasiums_own_vector(mode: AutoresetMode) -> None:
    """Entry by entry, before, at and after an end."""
    made = gym.make_vec(ENVIRONMENT_ID, num_envs=3, vectorization_mode="vector_entry_point", autoreset_mode=mode)
    theirs = SyncVectorEnv([Game2048Env] * 3, autoreset_mode=mode)
    seen = []
    for environment in (made, theirs):
        assert environment.metadata["autoreset_mode"] is mode
        _, info = environment.reset(seed=5)
        found, ends = [shapes(info)], 0
        while ends < 2:
            *rest, info = environment.step(info["action_mask"].argmax(axis=1))
            if rest[2].any() or ends:
                ends += 1
                found.append([[(array.dtype, array.shape) for array in rest], shapes(info)])
        seen.append(found)
    assert seen[0] == seen[1]


def test_the_same_step_begins_the_next_game() -> None:
    environment = Game2048VectorEnv(num_envs=8)
    _, info = environment.reset(seed=2)
    over = np.zeros(8, dtype=bool)
    while not over.any():
        boards, rewards, over, _, info = environment.step(info["action_mask"].argmax(axis=1))
    assert np.array_equal(np.count_nonzero(boards, axis=1) == 2, over)
    assert info["action_mask"][over].any(axis=1).all()
    assert not info["moved"][over].any()
    assert info["moved"][~over].all()
    assert (info["score"] == 0)[over].all()
    final = info["final_info"]
    for entries in (info, final):
        told = {name: entry for name, entry in entries.items() if name.startswith("_")}
        assert all(np.array_equal(entry, over | (entries is info and "final" not in name)) for name, entry in told.items())
    assert final["moved"][over].all()
    assert not final["action_mask"].any()
    assert (final["score"] >= rewards)[over].all()
    assert [board is None for board in info["final_obs"]] == (~over).tolist()


def test_the_next_step_begins_the_next_game() -> None:
    environment = Game2048VectorEnv(num_envs=8, render_mode="ansi", autoreset_mode=AutoresetMode.NEXT_STEP)
    boards, info = environment.reset(seed=2)
    random = np.random.default_rng(0)
    ended, waiting, scores = 0, np.zeros(8, dtype=bool), np.zeros(8)
    while ended < 20:
        actions = (random.random((8, 4)) * info["action_mask"]).argmax(axis=1)
        expected = [plain.move(tuple(board), int(action)) for board, action in zip(boards.tolist(), actions, strict=True)]
        boards, rewards, over, truncated, info = environment.step(actions)
        scores = np.where(waiting, 0, scores + rewards)
        assert not truncated.any()
        assert info["score"].tolist() == scores.tolist()
        assert "final_obs" not in info
        for index, (slid, points, moved) in enumerate(expected):
            if waiting[index]:
                assert np.count_nonzero(boards[index]) == 2
                assert (rewards[index], over[index], info["moved"][index]) == (0, False, False)
            else:
                assert rewards[index] == points
                assert moved
                assert np.count_nonzero(boards[index] != slid) == 1
                assert over[index] == plain.is_over(tuple(boards[index].tolist()))
            assert info["action_mask"][index].tolist() == list(plain.legal_moves(tuple(boards[index].tolist())))
        assert environment.render() == tuple(map(board_text, boards))
        ended += over.sum()
        waiting = over


def test_many_games_repeat_by_seed_and_draw() -> None:
    first, second = Game2048VectorEnv(num_envs=3, render_mode="ansi"), Game2048VectorEnv(num_envs=3, render_mode="rgb_array")
    assert first.render() is None
    with pytest.raises(gym.error.ResetNeeded):
        first.step(np.zeros(3, dtype=np.int64))
    with pytest.raises(ValueError, match="one seed"):
        first.reset(seed=[1, 2, 3])
    assert (first.reset(seed=1)[0] == second.reset(seed=1)[0]).all()
    assert len(first.render()) == 3
    assert second.render()[0].shape == (256, 256, 3)
