"""The gradient at the text itself: quick, and blind to whatever the answer saturates in.

Saliency: Simonyan, Vedaldi and Zisserman, "Deep inside convolutional networks", ICLR 2014 workshop; Li et
al., "Visualizing and understanding neural models in NLP", NAACL 2016. Gradient × input: Denil et al.,
"Extraction of salient sentences from labelled documents", 2014; Shrikumar et al., 2016. SmoothGrad:
Smilkov et al., "SmoothGrad: removing noise by adding noise", 2017.

None of these adds up to anything. Summed over the width of an embedding a bare gradient says nothing
(its axes mean nothing), so saliency is the gradient's length and has no sign; the other two multiply
by the embedding itself, which gives them one.
"""

import torch

from analysis.asking import Asking
from analysis.attribution.task import Scores, Task
from analysis.paths import at_text
from analysis.points import Slopes, gradients, to_numpy

#: Noisy copies for SmoothGrad, unless told otherwise.
NOISY_COPIES = 24

#: How wide SmoothGrad's noise is, as a share of the spread of the text's embeddings.
NOISE = 0.5


def saliency(task: Task) -> Asking[Scores]:
    """The length of the quantity's gradient at each token: how fast it moves, in any direction."""
    path = yield from at_text(task.classifier, task.encoded, task.logits)
    (gradient,) = gradients(path, path.end[None], task.question.of)
    return Scores(by_token=to_numpy(gradient.norm(dim=-1)))


def gradient_times_input(task: Task) -> Asking[Scores]:
    """Gradient times word embedding: what a straight line through zero would give each token."""
    path = yield from at_text(task.classifier, task.encoded, task.logits)
    slopes = yield Slopes([path], [1.0], task.question.of)
    return Scores(by_token=slopes[0])


def smooth_gradient(task: Task) -> Asking[Scores]:
    """Gradients of noisy copies of the text, averaged, times the word embeddings.

    The noise is normal, the same width for every number of every token, and leaves the tokenizer's own
    tokens alone.
    """
    path = yield from at_text(task.classifier, task.encoded, task.logits)
    count = task.settings.samples or NOISY_COPIES
    words = ~torch.tensor(task.encoded.special)
    width = NOISE * float(path.end[words.to(path.end.device)].float().std())
    random = torch.Generator().manual_seed(task.settings.seed)
    noise = torch.normal(0.0, width, (count, *path.end.shape), generator=random) * words[:, None]
    points = path.end.float() + noise.to(path.end.device)
    total = torch.zeros_like(path.end, dtype=torch.float32)
    for done, portion in enumerate(points.split(8)):
        total += gradients(path, portion.to(path.end.dtype), task.question.of).sum(0)
        task.report(min(8 * (done + 1), count), count)
    scores = to_numpy((total / count * path.end.float()).sum(-1))
    return Scores(by_token=scores, used=(("samples", count), ("noise", round(width, 6))))
