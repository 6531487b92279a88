"""Docstrings: every public function and class says what it takes, gives and raises."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator
from pathlib import Path

import pytest
from numpydoc.docscrape import NumpyDocString

import sim

ROOT = Path(sim.__file__).parent
Function = ast.FunctionDef | ast.AsyncFunctionDef
OWN = (Function, ast.ClassDef, ast.Lambda)
"""What has raises, yields and returns of its own."""


@functools.cache
def modules() -> tuple[Path, ...]:
    return tuple(sorted(ROOT.rglob("*.py")))


def public(body: list[ast.stmt]) -> Iterator[Function | ast.ClassDef]:
    """Yield public functions and classes, and the methods of the latter."""
    for node in body:
        if isinstance(node, Function | ast.ClassDef) and not node.name.startswith("_"):
            yield node
            if isinstance(node, ast.ClassDef):
                yield from public(node.body)


def decorators(node: Function | ast.ClassDef) -> set[str]:
    told = (ast.unparse(one).partition("(")[0] for one in node.decorator_list)
    return {name.rpartition(".")[2] for name in told}


def is_command(node: ast.stmt) -> bool:
    """Say whether the docstring is the help of a command."""
    names = [ast.unparse(one) for one in getattr(node, "decorator_list", [])]
    return any(name.startswith(("click.command", "click.group")) for name in names)


def own_nodes(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what is inside a function, but not inside others that it holds."""
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, OWN):
            yield child
            yield from own_nodes(child)


def takes(node: Function) -> list[str]:
    given = node.args
    names = [one.arg for one in (*given.posonlyargs, *given.args)]
    if names[:1] in (["self"], ["cls"], ["mcs"]) and "staticmethod" not in decorators(node):
        names = names[1:]
    names += [f"*{given.vararg.arg}"] if given.vararg else []
    names += [one.arg for one in given.kwonlyargs]
    names += [f"**{given.kwarg.arg}"] if given.kwarg else []
    return names


def gives(node: Function) -> str:
    """Return the section in which the docstring tells what comes back, if anything does."""
    if {"property", "cached_property", "fixture", "overload"} & decorators(node):
        return ""
    inside = list(own_nodes(node))
    if any(isinstance(one, ast.Yield | ast.YieldFrom) for one in inside):
        return "Yields"
    told = "None" if node.returns is None else ast.unparse(node.returns)
    return "" if told in {"None", "NoReturn", "Never"} else "Returns"


def raises(node: Function) -> set[str]:
    """Return the errors that the function itself raises by name."""
    found = set()
    for one in own_nodes(node):
        if isinstance(one, ast.Raise) and one.exc is not None:
            called = one.exc.func if isinstance(one.exc, ast.Call) else one.exc
            if ast.unparse(called)[:1].isupper():
                found.add(ast.unparse(called).rpartition(".")[2])
    return found


def described(sections: NumpyDocString, name: str) -> list[str]:
    return [part.strip() for one in sections[name] for part in (one.name or one.type).split(",")]


def fields(node: ast.ClassDef) -> list[str]:
    """Return the fields of a data class or a named tuple that have no docstring of their own."""
    bases = {ast.unparse(base).rpartition(".")[2] for base in node.bases}
    if not ("dataclass" in decorators(node) or "NamedTuple" in bases):
        return []
    found = []
    for place, one in enumerate(node.body):
        if not (isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name)):
            continue
        after = node.body[place + 1] if place + 1 < len(node.body) else None
        told = isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant)
        hidden = one.target.id.startswith("_") or "ClassVar" in ast.unparse(one.annotation)
        if not (told or hidden or (one.value and "init=False" in ast.unparse(one.value))):
            found.append(one.target.id)
    return found


def problems_of(node: Function | ast.ClassDef) -> Iterator[str]:
    text = ast.get_docstring(node)
    if not text:
        yield "has no docstring"
        return
    sections = NumpyDocString(text)
    told = described(sections, "Parameters")
    if isinstance(node, ast.ClassDef):
        yield from (f"does not describe {name}" for name in fields(node) if name not in told)
        return
    if told != takes(node):
        yield f"describes {told} and takes {takes(node)}"
    section = gives(node)
    if section and not sections[section]:
        yield f"has no section {section}"
    missing = raises(node) - set(described(sections, "Raises"))
    yield from (f"does not say that it raises {name}" for name in sorted(missing))
    empty = [one.name for one in sections["Parameters"] if not "".join(one.desc).strip()]
    yield from (f"says nothing about {name}" for name in empty)


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_docstrings_tell_everything(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name} {problem}"
        for node in public(tree.body)
        if not is_command(node)
        for problem in problems_of(node)
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("def f(): pass", "has no docstring"),
        ('def f(a):\n """Do."""', "takes"),
        ('def f() -> int:\n """Do."""\n return 1', "Returns"),
        ('def f():\n """Do."""\n yield 1', "Yields"),
        ('def f():\n """Do."""\n raise ValueError("no")', "ValueError"),
        ('@dataclass\nclass A:\n """An A."""\n a: int', "describe a"),
        ('def f(a):\n """Do.\n\n Parameters\n ----------\n a\n """', "nothing about a"),
    ],
)
def test_what_is_missing_is_found(source: str, problem: str) -> None:
    (node,) = ast.parse(source).body
    assert isinstance(node, ast.FunctionDef | ast.ClassDef)
    assert any(problem in found for found in problems_of(node))
