"""Texts of the archive of everything: a program that plays one game, and what the files are."""

PLAY = '''"""Plays one game of 2048 with design.onnx and prints the board.

Needs onnxruntime and numpy: pip install onnxruntime numpy
The rules are in game_2048.py. The same seed gives the same new tiles, also in Model Studio.
"""

import argparse
import os
import sys
from pathlib import Path
from random import Random

try:
    import numpy as np
    import onnxruntime
except ImportError as missing:
    sys.exit(f"{missing.name} is not installed. Install what is needed by: pip install onnxruntime numpy")

try:
    from game_2048 import ACTIONS, EMPTY_BOARD, FOUR_PROBABILITY, SIZE, is_over, legal_moves, move
except ImportError:
    sys.exit("game_2048.py is missing or is another file. Unpack it from the archive into the folder of this program")

NETWORK = Path(__file__).with_name("design.onnx")
MAX_SEED = 2**31 - 1
UNPACK_IT = "Unpack it from the archive again"


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
        try:
            logits, value = session.run(["logits", "value"], {"board": np.array([board], dtype=np.int64)})
            action, worth = int(logits[0].argmax()), float(value[0])
            is_legal = legal_moves(board)[action]
        except Exception as error:  # what the network raises depends on the version of onnxruntime
            sys.exit(f"{NETWORK.name} cannot evaluate a board ({type(error).__name__}). {UNPACK_IT}")
        if not is_legal:
            sys.exit(f"the network chose {ACTIONS[action]}, which is not a legal move")
        if every and moves % every == 0:
            print(f"\\nmove {moves}, score {score}, next {ACTIONS[action]}, value {worth:.1f}\\n{text_of(board)}")
        board, points, _ = move(board, action)
        board = with_new_tile(board, seed, moves + 2)
        score, moves = score + points, moves + 1
    return board, score, moves


def seed_of(text):
    """A seed from the command line."""
    try:
        seed = int(text)
    except ValueError:
        seed = -1
    if not 0 <= seed <= MAX_SEED:
        raise argparse.ArgumentTypeError(f"a seed is from 0 to {MAX_SEED}, a whole number")
    return seed


def load_network():
    """The network, if it is one that plays."""
    if not NETWORK.is_file():
        sys.exit(f"{NETWORK.name} is missing beside this program. {UNPACK_IT}")
    try:
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 4
        session = onnxruntime.InferenceSession(str(NETWORK), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime has a class of its own for each kind of damage
        sys.exit(f"{NETWORK.name} cannot be read: it is damaged or no ONNX file ({type(error).__name__}). {UNPACK_IT}")
    names = [entry.name for entry in session.get_inputs()], {entry.name for entry in session.get_outputs()}
    if names[0] != ["board"] or not {"logits", "value"} <= names[1]:
        sys.exit(f"{NETWORK.name} is another network, not one that plays 2048. {UNPACK_IT}")
    return session


def main():
    """Read the command line, play, print the end."""
    parser = argparse.ArgumentParser(description="Plays one game of 2048 with design.onnx and prints the board.")
    parser.add_argument("--seed", type=seed_of, default=Random().randint(0, MAX_SEED), help="default: a random one")
    parser.add_argument("--every", type=int, default=50, help="moves between two printed boards; 0: print the last board only")
    options = parser.parse_args()
    board, score, moves = play(load_network(), options.seed, options.every)
    print(f"\\ngame over\\n{text_of(board)}")
    print(f"seed {options.seed}, score {score}, moves {moves}, largest tile {1 << max(board)}")


if __name__ == "__main__":
    try:
        main()
        sys.stdout.flush()
    except BrokenPipeError:  # the reader, such as head, has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
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
