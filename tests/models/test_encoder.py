import numpy as np
import pytest

from models.batching import one_thread
from models.bundled import base_folder
from models.encoder import load_encoder

TEXTS = ("A fine film.", "A great movie!", "Stocks fell sharply in Tokyo on Monday.", "", "word " * 400)


def test_vectors_are_those_of_sentence_transformers():
    transformer = pytest.importorskip("sentence_transformers").SentenceTransformer(
        str(base_folder()), device="cpu", local_files_only=True
    )
    ours = load_encoder("cpu").vectors(TEXTS)
    assert ours.shape == (len(TEXTS), 384)
    np.testing.assert_allclose(np.linalg.norm(ours, axis=1), 1.0, atol=1e-5)
    theirs = transformer.encode(list(TEXTS), normalize_embeddings=True)
    np.testing.assert_allclose(ours, theirs, atol=2e-5)


def test_a_vector_does_not_hang_on_its_company():
    encoder = load_encoder("cpu")
    with one_thread():
        together = encoder.vectors([*TEXTS, *(f"{word} film" for word in "abcdefghij" * 3)])[: len(TEXTS)]
        alone = np.vstack([encoder.vectors([text]) for text in TEXTS])
    assert (together == alone).all()
    assert encoder.vectors([]).shape == (0, 384)
