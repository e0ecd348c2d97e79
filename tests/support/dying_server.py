"""A server that kills itself between the commit of a sync call and its answer, when a test requests it.

`python -m support.dying_server serve ...` takes the options of `model-studio serve`.
"""

import os
import signal
import sys
from pathlib import Path
from typing import Any
from unittest.mock import patch

from backend.cli import main
from backend.sync import routes
from backend.sync.service import SyncService
from backend.web import clients

FLAG = "die-before-the-next-answer"
"""a file in the data folder; it is removed before the server dies"""


def serve(options: list[str]) -> int:
    """Serve; where the file `FLAG` is in the data folder, die after the commit of a call that brings a design."""
    flag = Path(options[options.index("--data-dir") + 1]) / FLAG
    brings_design = False

    apply = SyncService.apply

    async def apply_noted(service: SyncService, call: Any, entries: Any) -> Any:
        nonlocal brings_design
        brings_design = bool(entries)
        return await apply(service, call, entries)

    def client_of(*arguments: Any) -> str:
        # the route calls this after its transaction is committed, and before it answers
        if brings_design and flag.exists():
            flag.unlink()
            os.kill(os.getpid(), signal.SIGKILL)
        return clients.client_of(*arguments)

    with patch.object(SyncService, "apply", apply_noted), patch.object(routes, "client_of", client_of):
        return main(options)


if __name__ == "__main__":
    sys.exit(serve(sys.argv[1:]))
