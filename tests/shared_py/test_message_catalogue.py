"""Every sentence comes from the catalogue: no code without an entry, no entry without a use, the same text from the wire."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.mutated_designs import mutated
from support.strategies import drawings

import shared_py
from shared_py.design import ModelArchitecture
from shared_py.edge_rules import edge_refusal
from shared_py.message_catalogue import EDGE_RULES, FIXES, PARTS, PROBLEMS
from shared_py.messages import MAX_NAMES, fill, fix_label, part, placeholders, problem_message, text
from shared_py.problems import Problem, make_problem
from shared_py.validation import check_connection, validate_design, validate_document

FOLDER = Path(shared_py.__file__).parent
MODULES = [path for path in sorted(FOLDER.rglob("*.py")) if path.name != "message_catalogue.py"]


def calls(*names: str) -> Iterator[tuple[Path, ast.Call]]:
    """Every call of one of these functions in the package."""
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names:
                yield path, node


def texts_in(node: ast.AST) -> Iterator[str]:
    for inner in ast.walk(node):
        if isinstance(inner, ast.Constant) and isinstance(inner.value, str):
            yield inner.value


def strings_of_the_package() -> set[str]:
    return {value for path in MODULES for value in texts_in(ast.parse(path.read_text()))}


def cases(entry: str | dict[str, str]) -> dict[str, str]:
    return entry if isinstance(entry, dict) else {"": entry}


def test_problems_are_made_of_the_catalogue_alone() -> None:
    """`Problem` itself is built in one place, so every message of the package has an entry."""
    made = [path for path, _ in calls("Problem")]
    assert [path.name for path in made] == ["problems.py"]


def test_every_code_that_is_named_where_a_problem_is_made_has_an_entry() -> None:
    named = set()
    for _, call in calls("make_problem", "problem", "_beyond"):
        named |= {code for argument in call.args[:2] for code in [getattr(argument, "value", None)] if isinstance(code, str)}
    assert len(named) > 30
    assert named <= PROBLEMS.keys() | EDGE_RULES.keys()


def test_every_entry_is_used() -> None:
    used = strings_of_the_package()
    for code, entry in PROBLEMS.items():
        assert code in used, code
        assert set(cases(entry)) - {""} <= used, code
    assert FIXES.keys() - used == {"move_after", "move_before", "insert_after", "insert_before"}, "put together from a verb"
    assert PARTS.keys() <= used


@pytest.mark.parametrize(
    "template",
    [t for e in [*PROBLEMS.values(), *EDGE_RULES.values(), *FIXES.values(), *PARTS.values()] for t in cases(e).values()],
)
def test_every_placeholder_has_a_format_that_exists(template: str) -> None:
    filled = fill(template, {name: sample(template, name) for name in placeholders(template)})
    assert "{" not in filled
    assert "}" not in filled


def sample(template: str, name: str) -> Any:
    """A value that a placeholder can stand for."""
    listed = any(f"{{{name}:{kind}}}" in template for kind in ("path", "few", "shape"))
    return ["B", 16] if listed else 7


def assert_made_of_the_catalogue(problems: list[Problem]) -> None:
    for problem in problems:
        assert problem.message == problem_message(problem.code, problem.params), problem
        sent = msgspec.json.decode(msgspec.json.encode(problem))
        assert problem.message == problem_message(problem.code, sent["params"]), problem
        if problem.fix is not None:
            assert problem.fix.label == fix_label(sent["fix"]["label_code"], sent["fix"]["label_params"]), problem


def test_every_message_of_changed_designs_is_the_catalogue_filled_in() -> None:
    seen = set()
    for seed in range(400):
        verdict = validate_design(mutated(seed))
        assert_made_of_the_catalogue([*verdict.problems, *verdict.warnings])
        seen |= {(problem.code, problem.params.get("case")) for problem in [*verdict.problems, *verdict.warnings]}
    assert len(seen) > 25


@given(drawings())
def test_every_message_of_any_design_is_the_catalogue_filled_in(design: ModelArchitecture) -> None:
    verdict = validate_design(design)
    assert_made_of_the_catalogue([*verdict.problems, *verdict.warnings])


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(st.sampled_from(["id", "components", "edges", "meta", "type", "inside", "name", "x"]), inner)
        ),
    )
)
def test_every_message_about_a_document_is_the_catalogue_filled_in(raw: Any) -> None:
    assert_made_of_the_catalogue(validate_document(raw).problems)
    assert_made_of_the_catalogue(validate_document({"id": "a", "components": [raw], "edges": [raw]}).problems)


def test_a_refused_edge_carries_the_problem_of_its_reason() -> None:
    design = mutated(0)
    names = [component.id for component in design.components]
    for source in names:
        for target in names:
            check = check_connection(design, source, target)
            assert check.ok == (check.problem is None) == (check.reason is None)
            refusal = edge_refusal(design, source, target)
            if refusal is not None:
                assert check.problem == refusal
            elif check.problem is not None:
                assert check.problem.code not in EDGE_RULES
                assert check.reason is not None
                assert check.reason.endswith(check.problem.message) or check.problem.component_id is None


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (3, "3"), (3.0, "3"), (0.1, "0.1"), (-2.5, "-2.5"), (1e-5, "0.00001"), (1.5e-5, "0.000015"), (-2.5e-6, "-0.0000025"),
        (1e-12, "1e-12"), (2.5e-7, "2.5e-7"), (1e15, "1000000000000000"), (["a", "b"], "a, b"),
        (part("no_grid"), "without a grid"),
        ({"part": "routing", "params": {"n_experts": 1}}, "a routing of 1 expert"),
    ],
)  # fmt: skip
def test_a_parameter_as_text(value: Any, written: str) -> None:
    assert text(value) == written


@pytest.mark.parametrize(
    ("template", "value", "written"),
    [
        ("{x:grouped}", 1234567, "1,234,567"), ("{x:plural:input:inputs}", 1, "input"),
        ("{x:plural:input:inputs}", "2", "inputs"),
        ("{x:path}", ["A", "B", "A"], "A → B → A"), ("{x:few}", ["A", "B", "C"], "A, B, C"),
        ("{x:few}", ["A"] * (MAX_NAMES + 1), "A, A, A, …"), ("{x:shape}", ["B", 16, "d"], "(B, 16, d)"),
        ("{x:shape}", ["B"], "(B,)"),
        ("{x:shape}", [], ""), ("{x:value}", True, "true"), ("{x:value}", None, "null"), ("{x:value}", [64, 32], "[64, 32]"),
        ("{x:value}", "same", "same"), ("at {x}.", 0.5, "at 0.5."),
    ],
)  # fmt: skip
def test_a_format(template: str, value: Any, written: str) -> None:
    assert fill(template, {"x": value}) == written


def test_an_unknown_code_a_missing_parameter_and_an_unknown_format_are_errors() -> None:
    with pytest.raises(KeyError):
        make_problem("no_such_code")
    with pytest.raises(KeyError):
        make_problem("cycle")
    with pytest.raises(ValueError, match="no format"):
        fill("{x:shout}", {"x": 1})
