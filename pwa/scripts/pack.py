"""Runs inside Pyodide at build time: trims, compiles and zips Python trees; bytecode is made by the Python that will read it."""

import ast
import io
import marshal
import re
import zipfile
from importlib.util import MAGIC_NUMBER
from types import CodeType

# What nothing on the phone imports: networking, terminals, databases, tools for developers, old formats.
UNUSED_NAMES = """
    __hello__ __phello__ _ast_unparse _markupbase _py_abc _pydatetime _pyio _pylong _pyrepl _ssl _strptime
    _sysconfigdata__emscripten_wasm32-emscripten antigravity argparse asyncio/__main__ asyncio/proactor_events asyncio/tools
    asyncio/windows_events asyncio/windows_utils asyncore bdb cProfile calendar cmd code colorsys compileall
    concurrent/futures/interpreter concurrent/futures/process concurrent/interpreters configparser csv ctypes curses dbm doctest
    email ensurepip filecmp fileinput fractions ftplib getopt getpass gettext gzip html http idlelib imaplib importlib/metadata
    ipaddress json/__main__ json/tool lib2to3 logging/config logging/handlers lzma mailbox mimetypes modulefinder multiprocessing
    netrc nturl2path optparse pathlib/types pdb pickle _compat_pickle pickletools platform plistlib poplib pprint profile pstats
    pty py_compile pyclbr pydoc pydoc_data pyodide/_nodesock_transport pyodide/console pyodide/http quopri rlcompleter runpy
    sched shelve shlex site-packages smtplib socketserver sqlite3 sre_compile sre_constants sre_parse ssl statistics stringprep
    symtable sysconfig tabnanny tarfile test this timeit tkinter tomllib trace tracemalloc tty turtle turtledemo unittest urllib
    venv wave webbrowser wsgiref xml xmlrpc zipapp zipfile/__main__ zoneinfo
"""
ENCODING_NAMES = """
    __init__ aliases ascii charmap cp437 idna latin_1 raw_unicode_escape undefined unicode_escape utf_16 utf_32 utf_8 utf_8_sig
"""
UNUSED = frozenset(UNUSED_NAMES.split())
ENCODINGS = frozenset(ENCODING_NAMES.split())
# pyodide's own modules hand their docstrings to C code when Python starts: these have empty ones, not none
KEEPS_DOCSTRINGS = ("pyodide/", "_pyodide/")
EPOCH = (2020, 1, 1, 0, 0, 0)


def wanted_of_stdlib(name: str) -> bool:
    """Tell whether a file of the standard library goes to the phone."""
    parts = name.removesuffix(".py").split("/")
    if any("/".join(parts[:length]) in UNUSED for length in range(1, len(parts) + 1)):
        return False
    return parts[0] != "encodings" or parts[-1] in ENCODINGS


def wanted_of_wheel(name: str) -> bool:
    """Tell whether a file of a wheel goes to the phone: code and its data, no stubs and no metadata."""
    return not name.endswith((".pyi", "/py.typed")) and ".dist-info/" not in name


def compile_module(source: bytes, name: str) -> bytes:
    """Give the bytes of a .pyc that is never checked against a source (PEP 552, unchecked hash)."""
    if name.startswith(KEEPS_DOCSTRINGS):
        code = compile(with_empty_docstrings(source), name, "exec", dont_inherit=True, optimize=1)
    else:
        code = compile(source, name, "exec", dont_inherit=True, optimize=2)
    code = without_lines(code)
    return MAGIC_NUMBER + (0b01).to_bytes(4, "little") + bytes(8) + marshal.dumps(code)


def with_empty_docstrings(source: bytes) -> ast.Module:
    """Empty every docstring of a module."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and ast.get_docstring(node):
            node.body[0] = ast.copy_location(ast.Expr(ast.copy_location(ast.Constant(""), node.body[0])), node.body[0])
    return tree


def without_lines(code: CodeType) -> CodeType:
    """Drop the table of line numbers, a fifth of the bytecode: of an error the phone reports the last line alone, its message."""
    inner = tuple(without_lines(item) if isinstance(item, CodeType) else item for item in code.co_consts)
    return code.replace(co_linetable=b"", co_consts=inner)


def packed(files: dict[str, bytes]) -> bytes:
    """Give a zip with every module compiled and everything else as it is; stored, since a compressed whole is smaller."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(files):
            content = files[name]
            if name.endswith(".py"):
                name, content = f"{name}c", compile_module(content, name)
            archive.writestr(zipfile.ZipInfo(name, EPOCH), content)
    return out.getvalue()


def files_of(archive: bytes) -> dict[str, bytes]:
    """Read a zip into name and content."""
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        return {item.filename: opened.read(item) for item in opened.infolist() if not item.is_dir()}


def pack_stdlib(archive: bytes) -> bytes:
    """Trim and compile Pyodide's standard library."""
    return packed({name: content for name, content in files_of(archive).items() if wanted_of_stdlib(name)})


def pack_packages(wheels: list[bytes], sources: dict[str, bytes]) -> bytes:
    """Put wheels and our own sources in one zip to unpack into site-packages; docstrings stay at home, nothing reads them."""
    files = {name: content for wheel in wheels for name, content in files_of(wheel).items() if wanted_of_wheel(name)}
    return packed({**files, **sources})


def imported_names(source: bytes) -> list[str]:
    """Name every module a source imports anywhere, also inside functions and under TYPE_CHECKING."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names.add(node.module)
    return sorted(name for name in names if re.fullmatch(r"[\w.]+", name))
