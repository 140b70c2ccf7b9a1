"""The house rules that a machine can hold: which layer may import what, and how long a file may be."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
#: From the top of the house to its ground floor; a layer imports only those after it.
LAYERS = ["app", "benchmarks", "pages", "audits", "attacks", "analysis", "models", "corpora", "views"]
FILES = sorted(
    path
    for layer in LAYERS
    for path in [ROOT / f"{layer}.py", *(ROOT / layer).rglob("*.py")]
    if path.exists()
)
TESTS = sorted((ROOT / "tests").rglob("*.py"))
MOST_LINES = 400
every_file = pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))


def packages(node: ast.AST) -> set[str]:
    """The top-level packages that one statement imports; "." for a relative import."""
    if isinstance(node, ast.Import):
        return {alias.name.split(".")[0] for alias in node.names}
    if isinstance(node, ast.ImportFrom):
        return {"." if node.level else str(node.module).split(".")[0]}
    return set()


def imported(code: str) -> set[str]:
    """The top-level packages that a file imports, wherever in the file it does."""
    return {name for node in ast.walk(ast.parse(code)) for name in packages(node)}


def imported_at_once(code: str) -> set[str]:
    """The packages that are imported with the file itself: not those of its functions."""

    def outside_functions(node: ast.AST) -> Iterator[ast.AST]:
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            for child in ast.iter_child_nodes(node):
                yield from outside_functions(child)

    return {name for node in outside_functions(ast.parse(code)) for name in packages(node)}


def layer_of(path: Path) -> str:
    """The layer a file belongs to."""
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


@pytest.mark.parametrize(
    "code",
    [
        "import models.batching as batching",
        "from models import batching",
        "from models.batching import pad",
        "def f():\n    import models.batching",
        "if TYPE_CHECKING:\n    from models.batching import pad",
        "try:\n    import models\nexcept ImportError:\n    pass",
    ],
)
def test_an_import_is_seen_wherever_it_hides(code):
    assert "models" in imported(code)
    assert ("models" in imported_at_once(code)) == ("def" not in code)


def test_every_package_is_a_layer():
    found = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests"}
    assert found <= set(LAYERS)


@every_file
def test_imports_go_down_only(path):
    names = imported(path.read_text())
    upward = names & set(LAYERS[: LAYERS.index(layer_of(path))])
    assert not upward, f"{path.relative_to(ROOT)} imports upward: {sorted(upward)}"
    assert "." not in names, "relative imports hide where they lead"


@every_file
def test_only_pages_know_streamlit_and_views_know_nobody(path):
    layer, names = layer_of(path), imported(path.read_text())
    if layer not in ("app", "pages"):
        assert "streamlit" not in names
    if layer == "views":
        assert not names & {"torch", "transformers", *LAYERS[:-1]}
    if layer in ("app", "pages"):
        assert not names & {"torch", "transformers"}


@every_file
def test_textattack_waits_for_its_data(path):
    may_import_later = layer_of(path) in ("attacks", "benchmarks")
    names = (imported_at_once if may_import_later else imported)(path.read_text())
    assert "textattack" not in names, "attacks.resources.import_textattack comes first"


@pytest.mark.parametrize("path", [*FILES, *TESTS], ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_holds_one_concept(path):
    assert len(path.read_text().splitlines()) <= MOST_LINES
