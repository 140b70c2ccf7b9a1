"""The bertviz documents: nothing from outside, data once, and no token can become markup."""

import json
import re
import subprocess
import sys
from html.parser import HTMLParser

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from views.attention import bertviz

HOSTILE = [
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(2)</script>",
    "<!--",
    "&lt;b&gt;",
    "\u2028'\"`",
]


def weights(layers, heads, count):
    return np.random.default_rng(0).dirichlet(np.ones(count), (layers, heads, count)).astype(np.float32)


class Elements(HTMLParser):
    """The tags of a page, as a browser's parser would find them, and the inert data."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.data, self._inside = [], "", False
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self._inside = ("type", "application/json") in attrs

    def handle_data(self, data):
        if self._inside:
            self.data += data

    def handle_endtag(self, tag):
        self._inside = False


def pages(tokens, dark=False):
    values = weights(2, 3, len(tokens))
    yield bertviz.head_view(values[1], tokens, layer=2, dark=dark)[0]
    yield bertviz.model_view(values, tokens, dark=dark)[0]


@pytest.mark.parametrize("dark", [False, True])
def test_hostile_tokens_stay_data(dark):
    for page in pages(HOSTILE, dark):
        elements = Elements(page)
        assert "img" not in elements.tags
        assert elements.tags.count("script") in (5, 6)
        shown = json.loads(elements.data)["attention"][0]["left_text"]
        assert shown == [bertviz.shorten(token, len(shown[0])) for token in HOSTILE]


@given(st.lists(st.text(max_size=20), min_size=1, max_size=4))
def test_any_text_comes_back_from_the_data(tokens):
    page, _ = bertviz.head_view(weights(1, 1, len(tokens))[0], tokens, layer=1, dark=False)
    found = json.loads(Elements(page).data)["attention"][0]["right_text"]
    assert found == [bertviz.shorten(token, bertviz.HEAD_LABEL) for token in tokens]


def test_every_script_is_named_by_the_policy_and_nothing_may_be_fetched():
    for page in pages(["a", "b"]):
        found = re.search(r'Content-Security-Policy" content="([^"]*)"', page)
        assert found
        policy = found.group(1)
        assert policy.startswith("default-src &#x27;none&#x27;;")
        assert "unsafe" not in policy
        running = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
        assert running
        for code in running:
            assert bertviz._source_hash(code).strip("'") in policy


def test_data_stands_once_and_its_weights_have_three_digits():
    values = weights(1, 2, 5)
    page, _ = bertviz.head_view(values[0], list("abcde"), layer=4, dark=False)
    data = json.loads(Elements(page).data)
    assert page.count('"left_text"') == 1
    assert "PYTHON_PARAMS" not in page
    np.testing.assert_allclose(data["attention"][0]["attn"], values, atol=5e-4)
    assert data["include_layers"] == [4]
    assert len(Elements(page).data) < 2 * 5 * 5 * 8 + 400


def test_too_long_a_text_is_refused_before_it_is_written_out():
    most = bertviz.most_tokens(24)
    assert 24 * most**2 <= bertviz.MOST_LINES < 24 * (most + 1) ** 2
    with pytest.raises(ValueError, match="too many"):
        bertviz.head_view(
            np.zeros((24, most + 1, most + 1), np.float32), ["a"] * (most + 1), layer=1, dark=False
        )


def test_an_unknown_bertviz_is_refused(monkeypatch):
    monkeypatch.setattr(bertviz, "_DATA_LINE", "const somethingElse = PYTHON_PARAMS;")
    with pytest.raises(ValueError, match=r"bertviz .* is not as expected"):
        bertviz._bertviz_script.__wrapped__("head_view.js")


def test_bertviz_itself_is_never_imported():
    """Importing it would bring torch and IPython into a layer that draws."""
    code = (
        "import sys, numpy as np; from views.attention import bertviz as b;"
        "b.head_view(np.ones((1, 1, 1), 'f4'), ['a'], layer=1, dark=False);"
        "sys.exit(bool({'torch', 'IPython', 'bertviz'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
