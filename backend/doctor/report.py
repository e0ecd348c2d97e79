"""Runs all checks and formats their results."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from backend.doctor import checks
from backend.doctor.certificates import check_authority, check_certificate
from backend.doctor.cluster import check_cluster
from backend.doctor.finding import Finding
from backend.limits import Limits

_MARKS = {"ok": "ok     ", "warning": "WARNING", "problem": "PROBLEM"}


def run_checks(
    data_dir: Path,
    static_dir: Path,
    host: str,
    port: int,
    *,
    certificate: Path | None = None,
    key: Path | None = None,
    cluster: str | None = None,
    limits: Limits = Limits(),  # noqa: B008  # frozen
) -> Iterator[Finding]:
    """Run all checks and yield each result; the check of torch takes seconds. `cluster` is the address of a Ray cluster."""
    yield checks.check_python()
    yield checks.check_data_dir(data_dir)
    yield checks.check_database(data_dir)
    yield checks.check_disk(data_dir, limits)
    yield checks.check_port(host, port, data_dir)
    yield checks.check_name(host)
    yield checks.check_files_limit(limits)
    if certificate is not None or key is not None:
        yield check_certificate(certificate or Path("(no --tls-cert)"), key or Path("(no --tls-key)"))
    yield check_authority(data_dir)
    yield checks.check_app(static_dir)
    yield checks.check_pack(static_dir, "rt", "Python for phones")
    yield checks.check_pack(static_dir, "ort", "Play for phones")
    yield checks.check_torch()
    if cluster is not None:
        yield check_cluster(cluster)


def line_of(finding: Finding) -> str:
    """A finding as one line, and a second one with the advice."""
    line = f"{_MARKS[finding.level]} {finding.name}: {finding.detail}"
    return f"{line}\n        -> {finding.advice}" if finding.advice else line


def exit_status(findings: Sequence[Finding]) -> int:
    """1 if there is a problem, else 0."""
    return int(any(finding.level == "problem" for finding in findings))
