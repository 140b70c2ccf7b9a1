"""The table for a spreadsheet."""

import csv
import io

import numpy as np

from views.attention.table import rows
from views.tables import to_csv


def test_repeated_tokens_keep_their_columns_and_the_weights_come_back():
    tokens = ["=1+1", "a,b", "a,b", 'say "hi"', "-", "line\nbreak"]
    weights = np.random.default_rng(0).dirichlet(np.ones(6), 6).astype(np.float32)
    written = to_csv(rows(weights, tokens, positions=[1, 2, 3, 5, 6, 7])).decode()
    read = list(csv.reader(io.StringIO(written)))
    assert read[0] == ["from", "2 =1+1", "3 a,b", "4 a,b", '6 say "hi"', "7 -", "8 line\nbreak"]
    np.testing.assert_allclose([[float(cell) for cell in row[1:]] for row in read[1:]], weights, atol=1e-6)
