"""The house rules that a machine can hold: which layer may import which, and no Streamlit below pages."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
#: From the top of the house to its ground floor; a layer imports only those after it.
LAYERS = ["app", "pages", "benchmarks", "audits", "attacks", "analysis", "models", "corpora", "views"]
FILES = sorted(
    path
    for layer in LAYERS
    for path in [ROOT / f"{layer}.py", *(ROOT / layer).rglob("*.py")]
    if path.exists()
)


def imported(path: Path) -> set[str]:
    """The top-level packages that a file imports, wherever in the file it does."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.split(".")[0])
    return names


def layer_of(path: Path) -> str:
    """The layer a file belongs to."""
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_go_down_only(path):
    position = LAYERS.index(layer_of(path))
    upward = imported(path) & set(LAYERS[:position])
    assert not upward, f"{path.relative_to(ROOT)} imports upward: {sorted(upward)}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_only_pages_know_streamlit_and_views_know_nobody(path):
    layer, names = layer_of(path), imported(path)
    if layer not in ("app", "pages"):
        assert "streamlit" not in names
    if layer == "views":
        assert not names & {"torch", "transformers", *LAYERS[:-1]}
    if layer == "pages":
        assert "torch" not in names
