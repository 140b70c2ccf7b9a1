import pytest

from audits.work import CHUNK
from benchmarks.scaling import Costs, project

#: A tenth of a second a row; two milliseconds a chunk to hand out, one a message, and nothing a row.
ATTACK = Costs(compute=0.1, start=10.0, sample=1e6, hand_out=0.002, message=0.001, messages=CHUNK, write=0.0)


def test_by_hand():
    found = project(ATTACK, chunks=100, workers=8, speed=2.0, bandwidth=1e6)
    assert found.computing == pytest.approx(100 * CHUNK * 0.05 / 8)
    assert found.parts == pytest.approx(
        {
            "the start": 10.0,
            "the sample's way": 8.0,
            "too few chunks": (13 - 12.5) * CHUNK * 0.05,
            "the one writer": 0.0,  # 3.4 ms a row and 32 rows a chunk, while computing takes 20.8 s
        }
    )
    assert found.seconds == pytest.approx(10 + 8 + 13 * CHUNK * 0.05)
    assert found.bottleneck == "the start"
    assert found.efficiency == pytest.approx(20 / 38.8)


def test_the_writer_bounds_the_rate():
    chunks = 10_000
    found = project(ATTACK, chunks, workers=10_000, speed=1.0, bandwidth=1e12)
    rows = chunks * CHUNK
    assert found.bottleneck == "the one writer"
    assert rows / found.seconds == pytest.approx(1 / (0.001 + 0.002 / CHUNK), rel=0.1)


def test_one_message_a_chunk_is_cheaper_than_one_a_row():
    noise = Costs(compute=0.1, start=0, sample=0, hand_out=0.002, message=0.001, messages=1, write=0.0001)
    assert noise.writer == pytest.approx(0.003 / CHUNK + 0.0001)
    assert ATTACK.writer == pytest.approx(0.002 / CHUNK + 0.001)
