"""Word vectors made here: what is near, how relations are read, and that they are kept once and whole."""

import numpy as np
import pytest

from attacks.entry import AttackError
from attacks.resources import word_vectors, wordnet
from attacks.resources.relations import relations

needs_wordnet = pytest.mark.skipif(not wordnet.present(), reason=wordnet.NEED.remedy)


@pytest.fixture(scope="module")
def plain():
    return word_vectors.make(relations_at_hand=False)


def test_rows_are_of_unit_length_and_neighbours_are_the_nearest(plain):
    assert len(plain.words) == len(set(plain.words)) == len(plain.vectors) > 20_000
    assert np.allclose(np.linalg.norm(plain.vectors, axis=1), 1, atol=1e-5)
    chosen = [plain.words.index(word) for word in ("film", "terrible", "walked", "quickly")]
    for place in chosen:
        cosines = plain.vectors @ plain.vectors[place]
        assert plain.neighbours[place, 0] == place
        assert np.allclose(cosines[plain.neighbours[place]], np.sort(cosines)[::-1][:64], atol=1e-6)


def test_the_median_words_twentieth_neighbour_is_at_the_usual_bound(plain):
    twentieth = np.einsum("ij,ij->i", plain.vectors, plain.vectors[plain.neighbours[:, 20]])
    assert np.median(twentieth) == pytest.approx(0.5, abs=1e-3)


@needs_wordnet
def test_wordnet_draws_synonyms_near_and_antonyms_apart(plain):
    fitted = word_vectors.load()
    places = {word: place for place, word in enumerate(fitted.words)}
    assert fitted.words == plain.words

    def cosine(vectors, one, other):
        return float(vectors.vectors[places[one]] @ vectors.vectors[places[other]])

    for one, other in (("film", "movie"), ("quickly", "rapidly"), ("terrible", "awful")):
        assert cosine(fitted, one, other) > cosine(plain, one, other)
    for one, other in (("good", "bad"), ("old", "new"), ("always", "never")):
        assert cosine(fitted, one, other) < cosine(plain, one, other)


def test_relations_are_read_off_wordnets_own_format(tmp_path):
    for part in ("noun", "verb", "adj", "adv"):
        (tmp_path / f"data.{part}").write_text("  1 a licence\n")
        (tmp_path / f"index.{part}").write_text("  1 a licence\n")
    (tmp_path / "data.adj").write_text(
        "00000010 00 a 02 good 0 well(p) 0 001 ! 00000020 a 0101 | nice | really\n"
        "00000020 00 a 01 Bad 0 001 ! 00000010 a 0101 | not nice\n"
        "00000030 00 a 02 good 0 sound 0 000 | solid\n"
    )
    (tmp_path / "index.adj").write_text(
        "good a 2 1 ! 2 1 00000010 00000030\n"
        "well a 1 0 1 0 00000010\n"
        "bad a 1 1 ! 1 1 00000020\n"
        "sound a 1 0 1 0 00000030\n"
    )
    found = relations(tmp_path, {"good": 0, "well": 1, "bad": 2, "sound": 3})
    assert found.synonyms == {(0, 1): 1.0, (1, 0): 1.0, (0, 3): 0.5, (3, 0): 0.5}
    assert found.antonyms == {(0, 2): 1.0, (2, 0): 1.0}


def test_they_are_made_once_and_kept_whole(tmp_path, monkeypatch, plain):
    made = []

    def make(**_):
        made.append(1)
        return plain

    monkeypatch.setattr(word_vectors, "make", make)
    monkeypatch.setenv("ASSAY_HOME", str(tmp_path))
    for _ in range(2):
        word_vectors._load.cache_clear()
        kept = word_vectors.load()
        assert kept.words == plain.words and (kept.neighbours == plain.neighbours).all()
    assert made == [1]
    assert len(list((tmp_path / "word-vectors").iterdir())) == 1
    (tmp_path / "shut").write_text("a file where a folder should be")
    word_vectors._load.cache_clear()
    with pytest.raises(AttackError, match="cannot be kept"):
        word_vectors._load("minilm-1", tmp_path / "shut")
    word_vectors._load.cache_clear()


@needs_wordnet
def test_the_correlation_with_simlex_that_is_claimed(shared_data):
    from scipy.stats import spearmanr

    vectors = word_vectors.load()
    places = {word: place for place, word in enumerate(vectors.words)}
    lines = (shared_data / "lexicons" / "SimLex-999.txt").read_text().splitlines()[1:]
    rows = [line.split("\t") for line in lines]
    known = [row for row in rows if row[0] in places and row[1] in places]
    cosines = [vectors.vectors[places[row[0]]] @ vectors.vectors[places[row[1]]] for row in known]
    assert len(known) > 950
    assert spearmanr(cosines, [float(row[3]) for row in known])[0] == pytest.approx(0.67, abs=0.01)
