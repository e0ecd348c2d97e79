"""Texts of the archive of everything: a program that plays one game, and what the files are."""

PLAY = '''"""Plays one game of 2048 with design.onnx and prints the board.

Needs onnxruntime and numpy: pip install onnxruntime numpy
The rules are in game_2048.py. The same seed gives the same new tiles, also in Model Studio.
"""

import argparse
import sys
from pathlib import Path
from random import Random

try:
    import numpy as np
    import onnxruntime
except ImportError as missing:
    sys.exit(f"{missing.name} is not installed. Install what is needed by: pip install onnxruntime numpy")

from game_2048 import ACTIONS, EMPTY_BOARD, FOUR_PROBABILITY, SIZE, is_over, legal_moves, move

NETWORK = Path(__file__).with_name("design.onnx")
MAX_SEED = 2**31 - 1


def with_new_tile(board, seed, number):
    """The board with new tile `number` of the game with this seed, counted from 0."""
    random = Random((seed << 32) | number)
    choice, kind = random.random(), random.random()
    empty = [cell for cell, exponent in enumerate(board) if exponent == 0]
    cell = empty[int(choice * len(empty))]
    return (*board[:cell], 2 if kind < FOUR_PROBABILITY else 1, *board[cell + 1 :])


def text_of(board):
    """The board as four lines of face values."""
    faces = [str(1 << exponent) if exponent else "." for exponent in board]
    return "\\n".join(" ".join(face.rjust(6) for face in faces[row : row + SIZE]) for row in range(0, len(board), SIZE))


def play(session, seed, every):
    """Play to the end; returns the board, the score and the number of moves."""
    board = with_new_tile(with_new_tile(EMPTY_BOARD, seed, 0), seed, 1)
    score = moves = 0
    while not is_over(board):
        logits, value = session.run(["logits", "value"], {"board": np.array([board], dtype=np.int64)})
        action = int(logits[0].argmax())
        if not legal_moves(board)[action]:
            sys.exit(f"the network chose {ACTIONS[action]}, which is not a legal move")
        if every and moves % every == 0:
            print(f"\\nmove {moves}, score {score}, next {ACTIONS[action]}, value {value[0]:.1f}\\n{text_of(board)}")
        board, points, _ = move(board, action)
        board = with_new_tile(board, seed, moves + 2)
        score, moves = score + points, moves + 1
    return board, score, moves


def seed_of(text):
    """A seed from the command line."""
    seed = int(text)
    if not 0 <= seed <= MAX_SEED:
        raise argparse.ArgumentTypeError(f"a seed is from 0 to {MAX_SEED}")
    return seed


def main():
    """Read the command line, play, print the end."""
    parser = argparse.ArgumentParser(description="Plays one game of 2048 with design.onnx and prints the board.")
    parser.add_argument("--seed", type=seed_of, default=Random().randint(0, MAX_SEED), help="default: a random one")
    parser.add_argument("--every", type=int, default=50, help="moves between two printed boards; 0: print the last board only")
    options = parser.parse_args()
    session = onnxruntime.InferenceSession(str(NETWORK), providers=["CPUExecutionProvider"])
    board, score, moves = play(session, options.seed, options.every)
    print(f"\\ngame over\\n{text_of(board)}")
    print(f"seed {options.seed}, score {score}, moves {moves}, largest tile {1 << max(board)}")


if __name__ == "__main__":
    main()
'''

README = """# {name}

A neural network that plays 2048, made with Model Studio.

| | |
|---|---|
{facts}

{play}
## Files
| file | contents |
|---|---|
{files}
| `design.py`, `design.pt` | the network as PyTorch code, and its weights |
| `design.safetensors` | the same weights in a format without code |
| `design.json` | the drawing, which Model Studio opens |
| `metrics.csv` | the metrics of the training up to this checkpoint |
| `evaluations.csv` | the test games up to this checkpoint |

A board has 16 numbers, row by row from the top left: 0 is an empty cell, 1 is the tile 2, 2 is 4, up to 17. The logits are for
up, right, down and left; illegal moves have -1e9.

## Use it in PyTorch
```python
import torch
import design

network = design.GeneratedModel({arguments})
network.load_state_dict(torch.load("design.pt", weights_only=True))
player = design.player_of(network) if hasattr(design, "player_of") else network
board = torch.tensor([[1, 2, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0]])
with torch.inference_mode():
    logits, value = player.eval()(board)
print(["up", "right", "down", "left"][logits[0].argmax()])
```
"""
PLAY_SECTION = """## Play a game
With Python 3.10 or newer:

```sh
pip install onnxruntime numpy
python play.py
```

`python play.py --seed 7` plays the game with these tiles, `--every 1` prints the board before every move.
"""
PLAY_FILES = """\
| `play.py` | plays one game and prints the board |
| `game_2048.py` | the rules of the game, used by `play.py` |
| `design.onnx` | the network: `board` int64 [batch, 16] to `logits` [batch, 4] and `value` [batch] |\
"""
WITHOUT_ONNX = """## Without ONNX
The network as ONNX did not pass its check, which compares it with PyTorch on 1,000 boards. So neither it nor the program that
plays with it is in this archive. The code and the weights are those that were trained.
"""
FILES_WITHOUT_ONNX = "| `game_2048.py` | the rules of the game |"
