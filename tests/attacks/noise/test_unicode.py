import unicodedata

from attacks.noise.homoglyphs import CONFUSABLES


def test_homoglyphs_come_from_another_letter_that_normalisation_does_not_undo():
    for letter, others in CONFUSABLES.items():
        for other in others:
            assert unicodedata.normalize("NFKC", other) != letter or other in "ϲϹ"
            assert other.isupper() == letter.isupper()
            assert letter in CONFUSABLES[other]
