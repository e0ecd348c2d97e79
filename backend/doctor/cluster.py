"""The check of the Ray cluster in which runs are to be trained."""

from backend.cluster.availability import LOCAL, require_ray
from backend.cluster.opening import resources_at
from backend.doctor.finding import Finding, ok, problem
from backend.errors import CannotStart

NAME = "Ray cluster"


def check_cluster(address: str) -> Finding:
    """Whether runs can be trained in the cluster at an address, as `--ray-address` names it; nothing is started there."""
    try:
        if address == LOCAL:
            require_ray()
            return ok(NAME, "the server makes one of this machine")
        found = resources_at(address)
    except CannotStart as error:
        return problem(NAME, *_halves(str(error)))
    processors, cards = (round(found.get(name, 0)) for name in ("CPU", "GPU"))
    detail = f"{address}; processors: {processors}, GPUs: {cards}"
    if processors == 0:
        return problem(NAME, detail, "start a node that has processors (docs/cluster.md)")
    return ok(NAME, detail)


def _halves(sentence: str) -> tuple[str, str]:
    """What is wrong, and what to do: before and after the first colon that is in no brackets."""
    depth = 0
    for place, letter in enumerate(sentence):
        depth += (letter == "(") - (letter == ")")
        if depth == 0 and sentence.startswith(": ", place):
            return sentence[:place], sentence[place + 2 :]
    return sentence, "see docs/cluster.md"
