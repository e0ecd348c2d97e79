"""Every argument of the environments has its effect or is refused before anything changes, and what is used on them works."""

import copy
import pickle
from collections.abc import Callable
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from gymnasium import wrappers
from gymnasium.vector import AsyncVectorEnv, AutoresetMode, SyncVectorEnv, VectorEnv
from gymnasium.wrappers import vector as vector_wrappers

from backend.environment.gym_2048_env import ENVIRONMENT_ID, Game2048Env, Game2048VectorEnv
from shared_py import game_2048 as plain

ONE_MOVE_LEFT = [1, 2, 1, 2, 2, 1, 2, 1, 1, 2, 1, 2, 2, 1, 5, 5]
"""sliding left ends the game, unless the new tile is equal to its neighbour above or beside"""
MODES = list(AutoresetMode)


def make(mode: AutoresetMode | str, num_envs: int = 6) -> Game2048VectorEnv:
    environment = gym.make_vec(ENVIRONMENT_ID, num_envs=num_envs, autoreset_mode=mode)
    assert isinstance(environment, Game2048VectorEnv)
    return environment


def state(environment: Game2048VectorEnv) -> Any:
    """All that decides how it goes on."""
    games = environment._games
    assert games is not None
    return [
        games.boards.tolist(),
        environment.np_random.bit_generator.state,
        environment._scores.tolist(),
        environment._shown.tolist(),
    ]


def play_to_an_end(environment: VectorEnv[Any, Any, Any], info: dict[str, Any]) -> list[Any]:
    """Step by legal moves until a game is over; what the last step gave."""
    while True:
        *rest, info = environment.step(info["action_mask"].argmax(axis=1))
        if rest[2].any():
            return [*rest, info]


@pytest.mark.parametrize("mode", MODES)
def test_an_autoreset_mode_given_as_text_is_that_mode(mode: AutoresetMode) -> None:
    by_value, itself = make(mode.value), make(mode)
    assert by_value.metadata["autoreset_mode"] is itself.metadata["autoreset_mode"] is mode
    assert Game2048VectorEnv.metadata["autoreset_mode"] is AutoresetMode.SAME_STEP
    ends = [play_to_an_end(environment, environment.reset(seed=3)[1]) for environment in (by_value, itself)]
    np.testing.assert_array_equal(ends[0][0], ends[1][0])
    assert ends[0][4].keys() == ends[1][4].keys()
    assert ("final_obs" in ends[0][4]) == (mode is AutoresetMode.SAME_STEP)


@pytest.mark.parametrize("mode", ["same_step", "", None, "SAMESTEP"])
def test_an_unknown_autoreset_mode_is_refused(mode: Any) -> None:
    with pytest.raises(ValueError, match=r"NextStep.*SameStep.*Disabled"):
        Game2048VectorEnv(autoreset_mode=mode)


@pytest.mark.parametrize("mode", MODES)
def test_each_mode_follows_the_rules_through_many_ends(mode: AutoresetMode) -> None:
    """As people use it: every board is what the plain rules make of the one before, or begins a game."""
    environment = make(mode)
    boards, info = environment.reset(seed=4)
    over, ended = np.zeros(6, dtype=bool), 0
    while ended < 12:
        if mode is AutoresetMode.DISABLED and over.any():
            before = boards
            boards, info = environment.reset(options={"reset_mask": over})
            assert (np.count_nonzero(boards[over], axis=1) == 2).all()
            assert (boards[~over] == before[~over]).all()
            over = np.zeros(6, dtype=bool)
            info["action_mask"] = environment.action_masks()
        begins = over if mode is AutoresetMode.NEXT_STEP else np.zeros(6, dtype=bool)
        actions = environment.action_masks().argmax(axis=1)
        expected = [plain.move(tuple(board), int(action)) for board, action in zip(boards.tolist(), actions, strict=True)]
        boards, rewards, over, _, info = environment.step(actions)
        for game, (slid, points, _) in enumerate(expected):
            final = info["final_obs"][game] if mode is AutoresetMode.SAME_STEP and over[game] else boards[game]
            if begins[game]:
                assert (rewards[game], np.count_nonzero(boards[game])) == (0, 2)
            else:
                assert (rewards[game], np.count_nonzero(final != slid)) == (points, 1)
                assert over[game] == plain.is_over(tuple(final.tolist()))
        ended += int(over.sum())


def test_without_autoreset_a_game_that_is_over_must_be_reset_first() -> None:
    environment = make("Disabled")
    boards, _, over, _, info = play_to_an_end(environment, environment.reset(seed=1)[1])
    before = state(environment)
    with pytest.raises(gym.error.ResetNeeded, match=rf"games \[{np.flatnonzero(over)[0]}"):
        environment.step(np.zeros(6, dtype=np.int64))
    assert state(environment) == before
    assert not info["action_mask"][over].any()
    assert not environment.action_masks()[over].any()
    _, info = environment.reset(options={"reset_mask": over})
    for name in ("action_mask", "score", "moved"):
        assert info[f"_{name}"].tolist() == over.tolist()
    boards, *_ = environment.step(environment.action_masks().argmax(axis=1))
    assert boards.shape == (6, 16)


@pytest.mark.parametrize("mode", MODES)
def test_a_reset_mask_resets_these_games_alone(mode: AutoresetMode) -> None:
    environment, mask = make(mode), np.array([True, False, False, True, False, False])
    boards, info = environment.reset(seed=1)
    for _ in range(20):
        boards, _, _, _, info = environment.step(info["action_mask"].argmax(axis=1))
    options = {"reset_mask": mask}
    again, new = environment.reset(options=options)
    assert options.keys() == {"reset_mask"}, "wrappers read it after us"
    assert (again[~mask] == boards[~mask]).all()
    assert (np.count_nonzero(again[mask], axis=1) == 2).all()
    assert (new["score"][mask] == 0).all()
    scores = environment.step(environment.action_masks().argmax(axis=1))[4]["score"]
    assert (scores[~mask] >= info["score"][~mask]).all()
    assert (scores[mask] <= 8).all()


def test_a_seed_beside_a_reset_mask_makes_it_repeatable() -> None:
    mask = np.array([True, False])
    seen = []
    for first in (1, 1):
        environment = make("Disabled", 2)
        environment.reset(seed=first)
        seen.append([environment.reset(seed=9, options={"reset_mask": mask})[0], *environment.step(np.array([0, 1]))[:2]])
    for found, expected in zip(*seen, strict=True):
        np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize(
    ("mask", "error"),
    [
        ([True] * 6, TypeError),
        (np.ones(6), TypeError),
        (np.ones(5, dtype=bool), ValueError),
        (np.ones((6, 1), dtype=bool), ValueError),
        (np.zeros(6, dtype=bool), ValueError),
    ],
)
def test_a_wrong_reset_mask_is_refused_as_by_gymnasium(mask: Any, error: type[Exception]) -> None:
    environment, theirs = make("Disabled"), SyncVectorEnv([Game2048Env] * 6, autoreset_mode="Disabled")
    theirs.reset(seed=1)
    environment.reset(seed=1)
    before = state(environment)
    for one in (theirs, environment):
        with pytest.raises(error, match="reset_mask"):
            one.reset(options={"reset_mask": mask})
    assert state(environment) == before


def test_the_first_reset_cannot_be_of_some_games() -> None:
    with pytest.raises(gym.error.ResetNeeded):
        make("Disabled").reset(options={"reset_mask": np.ones(6, dtype=bool)})


REFUSED = {
    "unknown option": {"options": {"boards": [1] * 16}},
    "board of floats": {"options": {"board": [1.5] * 16}},
    "short board": {"options": {"board": [1, 1]}},
    "no tile": {"options": {"board": [18, *[0] * 15]}},
    "dead board": {"options": {"board": [17] * 16}},
    "negative seed": {"seed": -1, "options": {"board": ONE_MOVE_LEFT}},
    "seed as text": {"seed": "1"},
}


@pytest.mark.parametrize("name", list(REFUSED))
def test_a_refused_reset_changes_nothing(name: str) -> None:
    many, one = make("SameStep"), Game2048Env()
    one.reset(seed=1)
    many.reset(seed=1)
    before = [state(many), one._boards.tolist(), one.np_random.bit_generator.state, one.np_random_seed, many.np_random_seed]
    for environment in (many, one):
        with pytest.raises((ValueError, gym.error.Error)):
            environment.reset(**REFUSED[name])
    assert before == [
        state(many),
        one._boards.tolist(),
        one.np_random.bit_generator.state,
        one.np_random_seed,
        many.np_random_seed,
    ]


@pytest.mark.parametrize(
    "actions", [np.full(6, 4), np.full(6, -1), np.full(6, 1.5), np.zeros(5, dtype=int), np.zeros((6, 1), dtype=int)]
)
def test_wrong_actions_change_nothing(actions: Any) -> None:
    environment = make("SameStep")
    environment.reset(seed=1)
    before = state(environment)
    with pytest.raises(gym.error.InvalidAction):
        environment.step(actions)
    assert state(environment) == before


def test_many_games_start_from_boards() -> None:
    environment, mask = make("Disabled", 3), np.array([False, True, True])
    boards, _ = environment.reset(options={"board": ONE_MOVE_LEFT})
    assert boards.tolist() == [ONE_MOVE_LEFT] * 3
    each = np.array([[1, 1, *[0] * 14], [2, 2, *[0] * 14], [3, 3, *[0] * 14]])
    assert environment.reset(options={"board": each})[0].tolist() == each.tolist()
    again, _ = environment.reset(options={"board": each[::-1], "reset_mask": mask})
    assert again.tolist() == [each[0].tolist(), each[1].tolist(), each[0].tolist()]
    assert environment.step(np.full(3, 3))[1].tolist() == [4.0, 8.0, 4.0]


@pytest.mark.parametrize("mode", ["human", "rgb_array_list", "video"])
def test_a_render_mode_without_effect_is_refused(mode: str) -> None:
    for kind in (Game2048Env, Game2048VectorEnv):
        with pytest.raises(ValueError, match="render_mode") as refused:
            kind(render_mode=mode)
        assert ("HumanRendering" in str(refused.value)) == (mode == "human")
    with pytest.raises(ValueError, match="num_envs"):
        Game2048VectorEnv(num_envs=0)


def test_pictures_can_be_collected() -> None:
    environment = gym.make(ENVIRONMENT_ID, render_mode="rgb_array_list")
    environment.reset(seed=1)
    environment.step(np.int64(0))
    assert [picture.shape for picture in environment.render()] == [(256, 256, 3)] * 2  # type: ignore[union-attr]


@pytest.mark.parametrize("clone", [copy.deepcopy, lambda environment: pickle.loads(pickle.dumps(environment))])
@pytest.mark.parametrize("mode", MODES)
def test_a_copy_goes_on_as_the_original_does(mode: AutoresetMode, clone: Callable[[Any], Any]) -> None:
    one, many = Game2048Env(), make(mode)
    one.reset(seed=1)
    info = many.reset(seed=1)[1]
    for _ in range(5):
        info = many.step(info["action_mask"].argmax(axis=1))[4]
    twins = clone(one), clone(many)
    for _ in range(50):
        action = one.action_masks().argmax()
        assert one.step(action)[0].tolist() == twins[0].step(action)[0].tolist()
        actions = many.action_masks().argmax(axis=1)
        steps = [environment.step(actions) for environment in (many, twins[1])]
        assert steps[0][0].tolist() == steps[1][0].tolist()


SINGLE: dict[str, Callable[[Any], Any]] = {
    "RecordEpisodeStatistics": wrappers.RecordEpisodeStatistics,
    "TimeLimit": lambda env: wrappers.TimeLimit(env, 30),
    "Autoreset": wrappers.Autoreset,
    "FrameStackObservation": lambda env: wrappers.FrameStackObservation(env, 3),
    "FlattenObservation": wrappers.FlattenObservation,
    "TimeAwareObservation": lambda env: wrappers.TimeAwareObservation(wrappers.TimeLimit(env, 500)),
    "DelayObservation": lambda env: wrappers.DelayObservation(env, 2),
    "NormalizeReward": wrappers.NormalizeReward,
    "ClipReward": lambda env: wrappers.ClipReward(env, 0, 1),
    "StickyAction": lambda env: wrappers.StickyAction(env, 0.2),
    "DtypeObservation": lambda env: wrappers.DtypeObservation(env, np.int32),
    "AddRenderObservation": lambda env: wrappers.AddRenderObservation(env, render_only=True),
    "RenderCollection": wrappers.RenderCollection,
}


@pytest.mark.parametrize("name", list(SINGLE))
def test_gymnasiums_wrappers_work_on_one_game(name: str) -> None:
    environment = SINGLE[name](gym.make(ENVIRONMENT_ID, render_mode="rgb_array"))
    observation, _ = environment.reset(seed=1)
    environment.action_space.seed(1)
    for _ in range(60):
        assert observation in environment.observation_space
        observation, _, over, cut, _ = environment.step(environment.action_space.sample())
        if name == "TimeLimit" and cut:
            break
        if over and name != "Autoreset":
            environment.reset()
    assert name != "TimeLimit" or cut
    environment.close()


def test_a_game_can_be_cut_at_a_number_of_moves() -> None:
    environment = gym.make(ENVIRONMENT_ID, max_episode_steps=3)
    environment.reset(seed=1)
    assert [environment.step(np.int64(action))[3] for action in (0, 1, 2)] == [False, False, True]


VECTOR: dict[str, Callable[[Any], Any]] = {
    "RecordEpisodeStatistics": vector_wrappers.RecordEpisodeStatistics,
    "NormalizeReward": vector_wrappers.NormalizeReward,
    "ClipReward": lambda env: vector_wrappers.ClipReward(env, 0, 1),
    "FlattenObservation": vector_wrappers.FlattenObservation,
    "NormalizeObservation": vector_wrappers.NormalizeObservation,
    "DtypeObservation": lambda env: vector_wrappers.DtypeObservation(env, np.int32),
    "DictInfoToList": vector_wrappers.DictInfoToList,
}


@pytest.mark.parametrize(
    ("name", "mode"),
    [
        (name, mode)
        for name in VECTOR
        for mode in (AutoresetMode.SAME_STEP, AutoresetMode.NEXT_STEP)
        if mode is AutoresetMode.NEXT_STEP or "Observation" not in name  # those Gymnasium refuses in the same step
    ],
)
def test_gymnasiums_wrappers_work_on_many_games(name: str, mode: AutoresetMode) -> None:
    inner = make(mode)
    environment = VECTOR[name](inner)
    environment.reset(seed=1)
    ended = 0
    while ended < 3:
        actions = inner.action_masks().argmax(axis=1)
        _, rewards, over, _, _ = environment.step(actions)
        ended += int(over.sum())
        assert len(rewards) == 6
    if name == "RecordEpisodeStatistics":
        assert environment.episode_count == ended
        assert min(environment.return_queue) > 50


@pytest.mark.parametrize("mode", MODES)
def test_statistics_of_episodes_are_those_of_gymnasiums_own_vector(mode: AutoresetMode) -> None:
    """Also with games reset by a mask."""
    environment = make(mode)
    recorded = vector_wrappers.RecordEpisodeStatistics(environment)
    recorded.reset(seed=1)
    scores, info = [], {}
    while len(scores) < 8:
        *_, over, _, info = recorded.step(environment.action_masks().argmax(axis=1))
        ended = info["final_info"]["score"] if mode is AutoresetMode.SAME_STEP and over.any() else info["score"]
        scores += ended[over].tolist()
        if mode is AutoresetMode.DISABLED and over.any():
            recorded.reset(options={"reset_mask": over})
    assert list(recorded.return_queue) == scores


@pytest.mark.parametrize("how", ["sync", "async"])
def test_gymnasiums_own_vectors_hold_it(how: str) -> None:
    kinds = {
        "sync": lambda: SyncVectorEnv([Game2048Env] * 2),
        "async": lambda: AsyncVectorEnv([Game2048Env] * 2, context="spawn"),
    }
    environment = kinds[how]()
    boards, info = environment.reset(seed=1)
    for _ in range(3):
        boards, _, _, _, info = environment.step(info["action_mask"].argmax(axis=1))
    assert boards in environment.observation_space
    assert [mask.shape for mask in environment.call("action_masks")] == [(4,), (4,)]
    environment.close()
