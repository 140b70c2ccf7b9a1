"""A hook of one thread does nothing in another."""

from concurrent.futures import ThreadPoolExecutor

import torch

from analysis.hooks import only_here


def test_only_the_thread_that_hooked_sees_a_difference():
    layer, rows = torch.nn.Linear(3, 3), torch.ones(2, 3)
    before = layer(rows)
    after = layer.register_forward_hook(only_here(lambda _, __, output: output + 1))
    entering = layer.register_forward_pre_hook(
        only_here(lambda _, args, kwargs: (tuple(2 * value for value in args), kwargs)), with_kwargs=True
    )
    with ThreadPoolExecutor(1) as another:
        assert torch.equal(another.submit(layer, rows).result(), before)
    assert torch.allclose(layer(rows), layer.forward(2 * rows) + 1)
    after.remove()
    entering.remove()
    assert torch.equal(layer(rows), before)
