"""Where the mistakes lie: against planted places, and against chance."""

import numpy as np
import pytest
from scipy.stats import hypergeom

from analysis.embeddings import neighbourhood
from analysis.embeddings.errors import error_density, typical_words, worst_region


def planted(rows=800, rate=0.05, there=0.6, seed=0):
    """Texts around the origin, a tenth of them in a far corner where the model errs more."""
    rng = np.random.default_rng(seed)
    corner = np.arange(rows) < rows // 10
    vectors = rng.normal(size=(rows, 6)) + 8 * corner[:, None]
    return vectors, rng.random(rows) < np.where(corner, there, rate), corner


def test_density_counts_the_errors_among_the_neighbours():
    vectors, wrong, corner = planted()
    near = neighbourhood(vectors)
    assert near is not None
    density = error_density(near, wrong)
    assert density[3] == pytest.approx(sum(wrong[row] for row in near[3]) / 15)
    assert density[corner].mean() > 0.4
    assert density[~corner].mean() < 0.1


def test_a_planted_place_is_found_and_confirmed_by_the_other_half():
    vectors, wrong, corner = planted()
    found = worst_region(vectors, wrong)
    assert found is not None
    assert corner[list(found.rows)].all()
    assert found.p < 0.001
    inside, outside = found.inside, found.outside
    assert inside[0] / inside[1] > 0.3
    assert outside[0] / outside[1] < 0.1
    assert inside[1] + outside[1] == 400
    assert found.inside[1] + found.found[1] == len(found.rows)
    centre = vectors[found.rows[0]]
    away = np.linalg.norm(vectors - centre, axis=1)
    assert set(found.rows) == set(np.flatnonzero(away <= away[found.rows[-1]]))
    # The p-value is the hypergeometric tail, by its own formula.
    bad = inside[0] + outside[0]
    assert found.p == pytest.approx(hypergeom(400, bad, inside[1]).sf(inside[0] - 1))


def test_errors_without_a_place_are_seldom_confirmed():
    rng = np.random.default_rng(1)
    vectors = rng.normal(size=(300, 4))
    tried = [worst_region(vectors, rng.random(300) < 0.15, seed=seed) for seed in range(60)]
    regions = [one for one in tried if one is not None]
    assert len(regions) == 60
    flattering = [one.found[0] / one.found[1] for one in regions]
    honest = [one.inside[0] / max(one.inside[1], 1) for one in regions]
    assert np.mean(flattering) > 0.3  # the worst of many places, where all are alike
    assert np.mean(honest) == pytest.approx(0.15, abs=0.04)
    assert np.mean([one.p < 0.05 for one in regions]) <= 0.12


def test_too_few_texts_or_no_errors_have_no_region():
    vectors, wrong, _ = planted(59)
    assert worst_region(vectors, wrong) is None
    vectors, wrong, _ = planted()
    assert worst_region(vectors, np.zeros_like(wrong)) is None
    assert worst_region(np.ones((100, 3)), np.arange(100) % 5 == 0) is None


def test_typical_words_set_a_region_apart():
    texts = ["a film about dogs and more dogs", "the dogs film", "dogs again, a film", *["a film"] * 20]
    assert typical_words(texts, [0, 1, 2])[:1] == ["dogs"]
    assert "film" not in typical_words(texts, [0, 1, 2])
    assert typical_words(["…", "!"], [0]) == []
