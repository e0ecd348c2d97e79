"""Settings of a run, as far as memory and time depend on them."""

from typing import get_args

from hypothesis import strategies as st

from shared_py.training_config import AlgorithmName, TrainConfig

configs = st.builds(
    TrainConfig,
    n_envs=st.integers(1, 300),
    n_steps=st.integers(1, 40),
    minibatch_size=st.integers(1, 3000),
    microbatch_size=st.integers(1, 3000),
    update_epochs=st.integers(1, 5),
    update_share=st.floats(0.125, 1),
    algorithm=st.sampled_from(get_args(AlgorithmName)),
    play_views=st.integers(1, 8),
)
