"""The command line; it stays light, so that a command starts at once and only `serve` loads the server."""

import argparse
import os
import re
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

LOOPBACK = "127.0.0.1"
PORT, LAN_PORT, SETUP_PORT = 8000, 8443, 8444
BYTES_PER_MEGABYTE = 1_000_000
MAX_PORTS = 65_535
CANNOT = 2
"""exit status of a command that could not begin"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and give the exit status; what keeps a command from its work is one sentence and status 2."""
    from backend.errors import StudioError, sentence_for

    options = _parser().parse_args(arguments)
    try:
        status: int = options.run(options)
    except (StudioError, OSError) as error:
        print(f"model-studio: {sentence_for(error)}", file=sys.stderr)
        return CANNOT
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="model-studio", description="Draw, train and export small game-playing networks.")
    parser.add_argument("--version", action="version", version=f"model-studio {version('model-studio')}")
    commands = parser.add_subparsers(required=True, metavar="command")
    _add_serve(commands)
    dump = commands.add_parser("dump-designs", help="write the stored designs, or the templates, as JSON files")
    dump.add_argument("--out", type=Path, required=True, help="folder to write to")
    _add_data_dir(dump)
    dump.set_defaults(run=_dump_designs)
    rescue = commands.add_parser(
        "rescue",
        help="save what can be read of a damaged database",
        description="Save every design that can be read as a JSON file, with a sound database of the rest and a report. The"
        " damaged files are only read. Exit status: 1 if something is lost or doubtful, 2 if nothing could be opened.",
    )
    rescue.add_argument("--out", type=Path, required=True, metavar="DIR", help="a new folder to write to")
    _add_data_dir(rescue)
    rescue.set_defaults(run=_rescue)
    _add_backup_commands(commands)
    _add_doctor(commands)
    _add_device_commands(commands)
    _add_telemetry_commands(commands)
    _add_evaluate(commands)
    lint = commands.add_parser(
        "schema-lint",
        help="check design files",
        description="Check design files of any schema version. Exit status: 1 if some have problems, 2 if some cannot be read.",
    )
    files_help = "design files, or folders of them (default: the templates and the designs of the repository)"
    lint.add_argument("files", nargs="*", type=Path, metavar="FILES", help=files_help)
    lint.add_argument("--drafts", action="store_true", help="report unfinished designs, but do not fail because of them")
    lint.add_argument("--format", choices=["text", "json"], default="text", help="for people (default) or for programs")
    lint.set_defaults(run=_schema_lint)
    return parser


def _add_serve(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    from backend.limits import add_limit_options

    serve = commands.add_parser("serve", help="serve the app and its API")
    _add_address_options(serve)
    _add_data_dir(serve)
    serve.add_argument(
        "--measure-after",
        type=float,
        default=20.0,
        metavar="SECONDS",
        help="quiet seconds before the speed of this machine is measured, once a month (default 20; 0: never)",
    )
    serve.add_argument(
        "--no-preload",
        dest="preload",
        action="store_false",
        help="load PyTorch with the first compile or run, not at the start: less memory where nothing is trained",
    )
    serve.add_argument(
        "--no-prepare",
        dest="prepare",
        action="store_false",
        help="write the ONNX of a run when it is asked for, not when the run ends: less work where little is exported",
    )
    serve.add_argument(
        "--run-memory",
        type=int,
        metavar="MB",
        help="megabytes a training run may take, beside torch (default: three quarters of this machine's memory)",
    )
    serve.add_argument(
        "--push-contact",
        type=_contact,
        default="mailto:notifications@example.com",
        metavar="ADDRESS",
        help="where push services can reach you if notifications make problems: mailto:NAME@DOMAIN or https://DOMAIN",
    )
    _add_executor_options(serve)
    serve.add_argument("--log-json", action="store_true", help="write each line of the log as a JSON object")
    add_limit_options(serve)
    serve.set_defaults(run=_serve)


def _add_executor_options(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--executor",
        choices=["local", "ray"],
        default="local",
        help="where runs are trained: by processes of this machine (default), or in a Ray cluster (docs/cluster.md)",
    )
    command.add_argument(
        "--ray-address",
        metavar="ADDRESS",
        help="the Ray cluster: auto (default: the one that this machine belongs to), local (the server makes one of this"
        " machine), host:port, or ray://host:port",
    )


def _add_doctor(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    doctor = commands.add_parser(
        "doctor",
        help="check what the server needs, and say what to do",
        description="Check Python, the data folder, the disk, the port, certificates, PyTorch, the built app and the Ray"
        " cluster. Nothing is changed. Exit status: 1 if something is a problem.",
    )
    doctor.add_argument("--host", default=LOOPBACK, help=f"the address that the server is to listen on (default {LOOPBACK})")
    doctor.add_argument("--port", type=_port, default=PORT, help=f"the port (default {PORT})")
    doctor.add_argument("--tls-cert", type=Path, metavar="FILE", help="the certificate that the server is to use")
    doctor.add_argument("--tls-key", type=Path, metavar="FILE", help="its key")
    _add_executor_options(doctor)
    _add_data_dir(doctor)
    doctor.set_defaults(run=_doctor)


def _add_address_options(serve: argparse.ArgumentParser) -> None:
    serve.add_argument("--host", help=f"address to listen on (default {LOOPBACK}: this machine only; with --lan: all)")
    serve.add_argument("--port", type=_port, help=f"port to listen on (default {PORT}; with --lan {LAN_PORT})")
    serve.add_argument(
        "--lan", action="store_true", help="serve phones in this network over https, with a page that sets them up"
    )
    serve.add_argument("--setup-port", type=_port, default=SETUP_PORT, help=f"port of the set-up page (default {SETUP_PORT})")
    serve.add_argument("--tls-cert", type=Path, metavar="FILE", help="serve over https with this certificate (PEM)")
    serve.add_argument("--tls-key", type=Path, metavar="FILE", help="the key of --tls-cert")
    serve.add_argument(
        "--trusted-proxy",
        action="append",
        default=[],
        metavar="ADDRESS",
        help="a reverse proxy whose forwarded headers are trusted, repeatable",
    )
    serve.add_argument(
        "--allow-host", action="append", default=[], metavar="NAME", help="a public host name of this server, repeatable"
    )
    serve.add_argument("--require-pairing", action="store_true", help="serve paired devices only, also on this machine")


def _add_device_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    devices = commands.add_parser("devices", help="list, pair and revoke the devices that may use the server")
    actions = devices.add_subparsers(required=True, metavar="action")
    listing = actions.add_parser("list", help="list the paired devices")
    listing.set_defaults(run=_list_devices)
    pairing = actions.add_parser("pair", help="show a code that pairs one more device")
    pairing.set_defaults(run=_pair_device)
    revoking = actions.add_parser("revoke", help="revoke a device; its designs stay on it and on the server")
    revoking.add_argument("device", metavar="ID", help="as `devices list` shows it")
    revoking.set_defaults(run=_revoke_device)
    for action in (listing, pairing, revoking):
        _add_data_dir(action)


def _add_telemetry_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    telemetry = commands.add_parser("telemetry", help="write what devices recorded with consent")
    actions = telemetry.add_subparsers(required=True, metavar="action")
    export = actions.add_parser(
        "export",
        help="write the events of all devices as JSON lines, oldest first",
        description="Write the stored events of all devices to standard output, one JSON object a line, oldest first. The server"
        " may run meanwhile.",
    )
    _add_data_dir(export)
    export.set_defaults(run=_export_telemetry)


def _add_evaluate(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    evaluate = commands.add_parser(
        "evaluate",
        help="play test games with a checkpoint of a run, with or without search",
        description="Play seeded test games with a stored checkpoint and print how they ended. The server may run meanwhile."
        " With --play-depth the network looks ahead before each move (expectimax): it plays better, and takes longer.",
    )
    evaluate.add_argument("run_id", metavar="RUN", help="the id of the run")
    evaluate.add_argument("--checkpoint", metavar="NAME", help="best, last or a number of moves (default: the best)")
    evaluate.add_argument("--play-depth", type=int, choices=(0, 1, 2), default=0, help="moves to look ahead (default 0)")
    evaluate.add_argument("--games", type=int, default=64, metavar="NUMBER", help="from 1 to 256 (default 64)")
    evaluate.add_argument("--format", choices=["text", "json"], default="text", help="for people (default) or for programs")
    _add_data_dir(evaluate)
    evaluate.set_defaults(run=_evaluate)


def _add_backup_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    backup = commands.add_parser(
        "backup",
        help="write all designs with their history into one file, also while the server runs",
        description="Write all designs with their history, and with --runs also training runs, into one file. The server may run"
        " meanwhile. The file is checked before it gets its name.",
    )
    backup.add_argument("out", type=Path, metavar="FILE", help="the file to write, for example studio-backup.tar")
    backup.add_argument("--runs", action="store_true", help="with the folders of runs: metrics, checkpoints, exported files")
    backup.add_argument("--force", action="store_true", help="overwrite the file if it exists")
    _add_data_dir(backup)
    backup.set_defaults(run=_backup)
    restore = commands.add_parser(
        "restore",
        help="put a backup in the place of the data; the server must be stopped",
        description="Put a backup in the place of the data of a stopped server. The present data is kept in a folder beside it.",
    )
    restore.add_argument("file", type=Path, metavar="FILE", help="a file that `model-studio backup` wrote")
    _add_data_dir(restore)
    restore.set_defaults(run=_restore)


def _contact(text: str) -> str:
    if not re.fullmatch(r"(mailto:[^@\s]+@|https://)[\w-]+(\.[\w-]+)+", text):
        raise argparse.ArgumentTypeError(f"{text!r} is no contact: give mailto:NAME@DOMAIN or https://DOMAIN")
    return text


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > MAX_PORTS:
        raise argparse.ArgumentTypeError(f"{text!r} is no port: give a number from 1 to {MAX_PORTS}, or 0 for any that is free")
    return int(text)


def _add_data_dir(parser: argparse.ArgumentParser) -> None:
    default = Path(os.environ.get("MODEL_STUDIO_DATA") or "data")
    parser.add_argument("--data-dir", type=Path, default=default, help="where all is kept (default $MODEL_STUDIO_DATA or ./data)")


def _serve(options: argparse.Namespace) -> int:
    import gc

    gc.disable()  # nothing that an import makes is garbage, and looking for it is a tenth of the start
    from backend.limits import limits_of
    from backend.serve import serve
    from backend.settings import Settings
    from backend.tls.options import read_address

    gc.freeze()
    gc.enable()
    address = read_address(options)
    settings = Settings(
        data_dir=options.data_dir.resolve(),
        allowed_hosts=(*(name.lower() for name in options.allow_host), *address.names),
        trusted_proxies=address.proxies,
        pairing=address.requires_pairing,
        measure_speed_after_s=options.measure_after or None,
        preload=options.preload,
        prepare_exports=options.prepare,
        run_memory_bytes=options.run_memory and options.run_memory * BYTES_PER_MEGABYTE,
        limits=limits_of(options),
        push_contact=options.push_contact,
        json_log=options.log_json,
        executor=options.executor,
        ray_address=options.ray_address or "auto",
    )
    return serve(settings, address.host, address.port, address.https_config(settings.data_dir))


def _dump_designs(options: argparse.Namespace) -> int:
    from backend.file_names import file_name_of_id
    from backend.store.dump import stored_documents
    from shared_py.design import canonical_bytes
    from shared_py.templates import load_templates

    stored = stored_documents(options.data_dir)
    is_empty = not stored.documents and not stored.losses
    designs = {design.id: canonical_bytes(design) for design in load_templates()} if is_empty else stored.documents
    options.out.mkdir(parents=True, exist_ok=True)
    for key, document in designs.items():
        (options.out / f"{file_name_of_id(key)}.json").write_bytes(document + b"\n")
    if is_empty:
        print(f"there are no designs in {options.data_dir}: these are the templates")
    print(f"{len(designs)} designs in {options.out}")
    for loss in stored.losses:
        print(loss, file=sys.stderr)
    return 1 if stored.losses else 0


def _rescue(options: argparse.Namespace) -> int:
    from backend.store.rescue import REPORT, rescue

    rescued = rescue(options.data_dir, options.out)
    print(f"{rescued.designs} designs and {rescued.deleted} deleted ones in {options.out}; {REPORT} there says how to continue")
    for loss in rescued.losses:
        print(loss, file=sys.stderr)
    return 1 if rescued.losses else 0


def _backup(options: argparse.Namespace) -> int:
    from backend.backup.back_up import back_up

    size = back_up(options.data_dir, options.out, with_runs=options.runs, force=options.force)
    count = size.designs
    print(f"{options.out}: {_size(size.total_bytes)}, written and checked")
    print(f"  {count.designs} designs, {count.deleted} deleted ones, {count.revisions} versions: {_size(size.database_bytes)}")
    print(f"  {size.runs} runs: {_size(size.runs_bytes)}" if options.runs else "  no runs (--runs includes them)")
    return 0


def _restore(options: argparse.Namespace) -> int:
    from backend.backup.restore import restore

    restored = restore(options.data_dir, options.file)
    what = "Designs and runs" if restored.about.runs else "Designs"
    print(f"{what} in {options.data_dir} are as they were at {restored.about.created_at}")
    if restored.kept is not None:
        print(f"What was there before is kept in {restored.kept}")
    print("Start the server. Phones then send what they have that the backup does not, and nothing of theirs is lost.")
    return 0


def _size(count: int) -> str:
    return f"{count / BYTES_PER_MEGABYTE:.1f} MB" if count >= BYTES_PER_MEGABYTE else f"{(count + 999) // 1000} kB"


def _doctor(options: argparse.Namespace) -> int:
    from backend.doctor.report import exit_status, line_of, run_checks
    from backend.settings import Settings

    findings = []
    for finding in run_checks(
        options.data_dir,
        Settings().static_dir,
        options.host,
        options.port,
        certificate=options.tls_cert,
        key=options.tls_key,
        cluster=(options.ray_address or Settings().ray_address) if options.executor == "ray" else None,
    ):
        print(line_of(finding), flush=True)
        findings.append(finding)
    return exit_status(findings)


def _list_devices(options: argparse.Namespace) -> int:
    from backend.pairing.commands import device_lines

    print("\n".join(device_lines(options.data_dir)))
    return 0


def _pair_device(options: argparse.Namespace) -> int:
    from backend.pairing.commands import pair_lines

    print("\n".join(pair_lines(options.data_dir)))
    return 0


def _revoke_device(options: argparse.Namespace) -> int:
    from backend.pairing.commands import revoke

    print(f"{revoke(options.data_dir, options.device)} may no longer use the server; its designs stay on it")
    return 0


def _export_telemetry(options: argparse.Namespace) -> int:
    from backend.telemetry.export import event_lines

    for line in event_lines(options.data_dir):
        print(line)
    return 0


def _evaluate(options: argparse.Namespace) -> int:
    from backend.checkpoint_games.command import as_json, as_text, evaluate_run

    asked = (options.checkpoint, options.play_depth, options.games)
    evaluation = evaluate_run(options.data_dir, options.run_id, *asked)
    print(as_json(evaluation) if options.format == "json" else as_text(evaluation))
    return 0


def _schema_lint(options: argparse.Namespace) -> int:
    from backend.designs.schema_lint import as_json, as_text, check_files, check_known, exit_status

    reports = check_files(options.files, drafts=options.drafts) if options.files else check_known()
    print(as_json(reports) if options.format == "json" else as_text(reports))
    return exit_status(reports)


if __name__ == "__main__":
    sys.exit(main())
