"""The command line of the simulation: many runs in several processes, resumable, or one run with its trace."""

import argparse
import asyncio
import json
import os
import queue
import subprocess
import sys
import threading
from collections import Counter, defaultdict, deque
from collections.abc import Generator, Iterable, Iterator
from pathlib import Path
from typing import IO, Any

import msgspec

from tests.simulation.scripts import BUILT, PLAIN, build_scripts
from tests.simulation.seeded_bugs import BUGS, install
from tests.simulation.tasks import COMBINED_MODES, MODES, Task

Result = dict[str, Any]


def main() -> int:
    """Run what the arguments ask for; 1 where something was violated."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument(
        "--mode",
        default="all",
        help=f"all ({', '.join(MODES)}), or some of these and {', '.join(COMBINED_MODES)}, separated by commas",
    )
    parser.add_argument("--runs", type=int, default=50, help="runs in each mode")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--edits", type=int, default=200, help="edits in each run")
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--out", type=Path, help="a file of results, one JSON line each; runs that it has are skipped")
    parser.add_argument("--seed", type=int, help="replay one run of one mode, with a trace of everything that happens")
    parser.add_argument("--bug", choices=sorted(BUGS), help="with this bug, to see that it is found")
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        asyncio.run(_work(options.bug))
        return 0
    modes = MODES if options.mode == "all" else tuple(options.mode.split(","))
    if unknown := set(modes) - {*MODES, *COMBINED_MODES}:
        parser.error(f"there is no mode {min(unknown)}; there are {', '.join((*MODES, *COMBINED_MODES))}")
    if options.seed is not None:
        return _replay(Task(options.seed, modes[0], options.edits, trace=True), options.bug)
    done = _results(options.out)
    finished = {(result["mode"], result["seed"]) for result in done}
    seeds = range(options.first, options.first + options.runs)
    tasks = [Task(seed, mode, options.edits) for seed in seeds for mode in modes if (mode, seed) not in finished]
    for result in run_sharded(tasks, options.processes, options.bug):
        done.append(result)
        if options.out is not None:
            with options.out.open("a") as file:
                file.write(json.dumps(result) + "\n")
            options.out.with_suffix(".progress").write_text(f"{len(done)} of {len(finished) + len(tasks)}\n{table(done)}\n")
    print(table(done))
    return 1 if any(result["violations"] for result in done) else 0


def _results(out: Path | None) -> list[Result]:
    if out is None or not out.exists():
        return []
    return [json.loads(line) for line in out.read_text().splitlines() if line.endswith("}")]


def table(results: Iterable[Result]) -> str:
    """Runs, seconds a run and violations by kind, one row a mode."""
    rows: dict[str, list[Result]] = defaultdict(list)
    for result in results:
        rows[result["mode"]].append(result)
    lines = []
    for mode, some in rows.items():
        kinds = Counter(violation["kind"] for result in some for violation in result["violations"])
        seconds = sum(result["seconds"] for result in some) / len(some)
        bad = sum(bool(result["violations"]) for result in some)
        lines.append(f"{mode}: {len(some)} runs, {seconds:.2f} s each, {bad} with violations")
        lines += [f"    {count} {kind}" for kind, count in kinds.most_common()]
    return "\n".join(lines)


def _replay(task: Task, bug: str | None) -> int:
    (result,) = run_sharded([task], 1, bug)
    print("\n".join(result.pop("trace")))
    for violation in result["violations"]:
        print(json.dumps(violation, indent=1))
    return 1 if result["violations"] else 0


def run_sharded(tasks: list[Task], processes: int, bug: str | None = None) -> Generator[Result]:
    """Run the tasks in worker processes, each with its application and its phones; results come in the order of their ends."""
    build_scripts(bug)
    waiting = _Waiting(tasks)
    results: queue.Queue[Result | None] = queue.Queue()

    def feed() -> None:
        worker = _start_worker(bug)
        assert worker.stdin is not None
        assert worker.stdout is not None
        try:
            while task := waiting.next():
                results.put(_ask(worker.stdin, worker.stdout, task))
        finally:
            worker.stdin.close()
            worker.wait()
            worker.stdout.close()
            results.put(None)

    threads = [threading.Thread(target=feed, daemon=True) for _ in range(max(1, min(processes, len(tasks))))]
    for thread in threads:
        thread.start()
    try:
        yield from _collect(results, len(threads), len(tasks))
    finally:
        waiting.stop()
        for thread in threads:
            thread.join()


def _collect(results: "queue.Queue[Result | None]", running: int, left: int) -> Iterator[Result]:
    while running:
        result = results.get()
        if result is None:
            running -= 1
        else:
            left -= 1
            yield result
    if left:
        raise RuntimeError("a worker ended before its tasks were done")


def _start_worker(bug: str | None) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.simulation", "--worker", *(["--bug", bug] if bug else [])]
    # the order of sets of texts would differ from process to process otherwise
    environment = {**os.environ, "PYTHONHASHSEED": "0"}
    pipe = subprocess.PIPE
    root = Path(__file__).parents[2]
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env=environment, cwd=root)


def _ask(to: IO[str], back: IO[str], task: Task) -> Result:
    to.write(msgspec.json.encode(task).decode() + "\n")
    to.flush()
    result: Result = json.loads(back.readline())
    return result


class _Waiting:
    """The tasks that no worker has taken yet."""

    def __init__(self, tasks: Iterable[Task]) -> None:
        self._tasks = deque(tasks)

    def next(self) -> Task | None:
        try:
            return self._tasks.popleft()
        except IndexError:
            return None

    def stop(self) -> None:
        self._tasks.clear()


async def _work(bug: str | None) -> None:
    """Run tasks from the standard input, one JSON line each."""
    if bug is not None:
        install(BUGS[bug])
    from tests.simulation.worker import run_all  # loads the modules that the bug patches

    tasks = (msgspec.json.decode(line, type=Task) for line in sys.stdin)
    async for result in run_all(tasks, BUILT / PLAIN / "node.mjs", BUILT / (bug or PLAIN) / "phone_app.js"):
        print(json.dumps(result), flush=True)


if __name__ == "__main__":
    sys.exit(main())
