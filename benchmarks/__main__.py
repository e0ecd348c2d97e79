"""Run every benchmark, print its table and keep its figures as JSON in `ci/artifacts/benchmarks.json`."""

import json
from pathlib import Path

from benchmarks import environment, first_update, python_pack, same_answers, start_up, validation

ARTIFACT = Path("ci/artifacts/benchmarks.json")


def main() -> None:
    """Run all, one after the other."""
    results = {}
    for benchmark in (start_up, python_pack, validation, same_answers, environment, first_update):
        name = benchmark.__name__.rpartition(".")[2]
        print(f"\n## {name}\n{benchmark.__doc__}\n")
        results[name] = benchmark.run()
        for row in results[name]:
            print("  ".join(f"{key} {value}" for key, value in row.items()))
    ARTIFACT.parent.mkdir(parents=True, exist_ok=True)
    ARTIFACT.write_text(json.dumps(results, indent=2))


if __name__ == "__main__":
    main()
