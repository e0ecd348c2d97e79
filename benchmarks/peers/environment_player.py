"""Plays random moves at full speed: `python -m benchmarks.peers.environment_player NAME`, then `N SECONDS` per round.

For each line it plays N parallel games for about that time and prints steps per second of processor time. Environments may be
installed in another virtual environment, so each imports what it needs. All choose uniformly among legal moves, except
gymnasium-2048, which does not report them: moves that change nothing count as steps there, and are its cheapest. Timed are the
move, the new tile, the legal moves, the end of a game, the reset, the boards, and choosing.
"""

import os
import sys
import time
from collections.abc import Callable

os.environ |= {"OMP_NUM_THREADS": "1", "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"}

Play = Callable[[int], None]
"""plays that many steps of every game"""


def core(count: int) -> Play:
    """Our table-driven core."""
    import numpy as np

    from backend.environment.game_2048 import Games

    games = Games(count, np.random.default_rng(0))
    choose = legal_chooser(count)

    def play(steps: int) -> None:
        for _ in range(steps):
            games.step(choose(games.legal))

    return play


def vector_env(count: int) -> Play:
    """Our core behind Gymnasium's interface."""
    import gymnasium as gym

    from backend.environment.gym_2048_env import ENVIRONMENT_ID

    environment = gym.make_vec(ENVIRONMENT_ID, num_envs=count, vectorization_mode="vector_entry_point")
    _, newest = environment.reset(seed=0)
    choose = legal_chooser(count)

    def play(steps: int) -> None:
        nonlocal newest
        for _ in range(steps):
            newest = environment.step(choose(newest["action_mask"]))[-1]

    return play


def legal_chooser(count: int) -> Callable:
    """Selects a legal move (N,) from (N, 4): their number divides 12, so a number below 12 selects one; drawn in blocks."""
    import numpy as np

    actions = np.zeros((12, 16), dtype=np.intp)
    for mask in range(1, 16):
        legal = [action for action in range(4) if mask >> action & 1]
        actions[:, mask] = np.repeat(legal, 12 // len(legal))
    actions = actions.ravel()
    four_bytes, weights, top_byte = np.dtype("<u4"), np.array(0x01020408, dtype="<u4"), np.array(24, dtype="<u4")
    random = np.random.default_rng(1)
    draws: list = []

    def choose(legal):
        if not draws:
            draws.extend(16 * random.integers(0, 12, (JAX_STEPS, count), dtype=np.uint8).astype(np.intp))
        masks = legal.view(four_bytes)[:, 0] * weights  # the four flags become four bits of the highest byte
        masks >>= top_byte
        return actions.take(draws.pop() + masks)

    return choose


def gymnasium_2048(count: int) -> Play:
    """gymnasium-2048 in Gymnasium's vector environment."""
    import gymnasium as gym
    import gymnasium_2048  # noqa: F401  # registers it
    import numpy as np

    random = np.random.default_rng(1)
    environment = gym.make_vec("gymnasium_2048/TwentyFortyEight-v0", num_envs=count, vectorization_mode="sync")
    environment.reset(seed=0)

    def play(steps: int) -> None:
        for _ in range(steps):
            environment.step(random.integers(0, 4, count))

    return play


def gymnasium_2048_bare(count: int) -> Play:
    """gymnasium-2048 without any wrapper: its fastest form."""
    import numpy as np
    from gymnasium_2048.envs import TwentyFortyEightEnv

    random = np.random.default_rng(1)
    environments = [TwentyFortyEightEnv() for _ in range(count)]
    for number, environment in enumerate(environments):
        environment.reset(seed=number)

    def play(steps: int) -> None:
        for _ in range(steps):
            for environment, action in zip(environments, random.integers(0, 4, count).tolist(), strict=True):
                if environment.step(action)[2]:
                    environment.reset()

    return play


JAX_STEPS = 32
"""steps that are compiled into one call"""


def scanned(step, state, key) -> Play:
    """Play a compiled step `(state, key) -> state` many times in one call."""
    import jax

    @jax.jit
    def many(state, key):
        key, drawn = jax.random.split(key)
        return jax.lax.scan(step, state, jax.random.split(drawn, JAX_STEPS))[0], key

    def play(steps: int) -> None:
        nonlocal state, key
        for _ in range(0, steps, JAX_STEPS):
            state, key = many(state, key)
        jax.block_until_ready(state)

    return play


def pgx(count: int) -> Play:
    """pgx, with its own automatic reset."""
    import jax
    import jax.numpy as jnp
    import pgx
    from pgx.experimental import auto_reset

    environment = pgx.make("2048")
    first, key = jax.random.split(jax.random.key(0))
    play_one = jax.vmap(auto_reset(environment.step, environment.init))

    def step(state, key):
        choice, move = jax.random.split(key)
        actions = jax.random.categorical(choice, jnp.where(state.legal_action_mask, 0.0, -jnp.inf))
        state = play_one(state, actions, jax.random.split(move, count))
        return state, (state.rewards.sum(), state.terminated.sum())

    return scanned(step, jax.vmap(environment.init)(jax.random.split(first, count)), key)


def jumanji(count: int) -> Play:
    """jumanji, with its own automatic reset."""
    import jax
    import jax.numpy as jnp
    import jumanji
    from jumanji.wrappers import AutoResetWrapper, VmapWrapper

    environment = VmapWrapper(AutoResetWrapper(jumanji.make("Game2048-v1")))
    first, key = jax.random.split(jax.random.PRNGKey(0))
    state, timestep = environment.reset(jax.random.split(first, count))

    def step(carry, key):
        state, timestep = carry
        actions = jax.random.categorical(key, jnp.where(timestep.observation.action_mask, 0.0, -jnp.inf))
        state, timestep = environment.step(state, actions)
        return (state, timestep), (timestep.reward.sum(), timestep.last().sum())

    return scanned(step, (state, timestep), key)


PLAYERS = {player.__name__: player for player in (core, vector_env, gymnasium_2048, gymnasium_2048_bare, pgx, jumanji)}
BEFORE = 192
"""steps before the first timed one, so that games are of every age and everything is compiled"""


def main() -> None:
    """Answer each line of standard input."""
    player = PLAYERS[sys.argv[1]]
    ready: dict[int, Play] = {}
    for line in sys.stdin:
        count, seconds = int(line.split()[0]), float(line.split()[1])
        if count not in ready:
            ready[count] = player(count)
            ready[count](BEFORE)
        steps, began = 0, time.process_time()
        while (spent := time.process_time() - began) < seconds:
            ready[count](JAX_STEPS)
            steps += JAX_STEPS
        print(count * steps / spent, flush=True)


if __name__ == "__main__":
    main()
