#!/usr/bin/env python3
"""PyTorch as the peer of plumbline-benchmark: each run prints one line of JSON.

  torch_step.py step seed|char|124M      one training step of a GPT-2: forward, backward, AdamW
  torch_step.py attention B H T D        causal attention alone, forward and backward
  torch_step.py multiply M N K           one matrix product [M, K] x [K, N], and both of its gradients

Options: --mode eager|compile|bf16 (step only), --threads N (2), --seconds S (5).
FLOPs of a step are counted as (6 * (12 L d^2 + V d) + 12 L T d) * tokens, without halving for the
causal mask. `foreign_share` is the part of one core that other processes used meanwhile.
"""
import argparse
import json
import os
import resource
import sys
import time


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["step", "attention", "multiply"])
    parser.add_argument("operands", nargs="+")
    parser.add_argument("--mode", choices=["eager", "compile", "bf16"], default="eager")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=5.0)
    return parser.parse_args()


ASKED = arguments()
# The libraries below PyTorch read this once, when they are loaded.
os.environ["OMP_NUM_THREADS"] = str(ASKED.threads)

import torch  # noqa: E402
from torch import nn  # noqa: E402
from torch.nn import functional  # noqa: E402

SIZES = {
    "seed": {"vocab": 10_000, "context": 1_024, "layers": 8, "heads": 16, "width": 128,
             "batch": 4, "length": 512},
    "char": {"vocab": 96, "context": 256, "layers": 6, "heads": 6, "width": 384,
             "batch": 8, "length": 256},
    "124M": {"vocab": 50_257, "context": 1_024, "layers": 12, "heads": 12, "width": 768,
             "batch": 4, "length": 64},
}


class Layer(nn.Module):
    """Attention and a feed-forward pair, each behind its norm and added to what runs through."""

    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.before_attention = nn.LayerNorm(width)
        self.queries_keys_values = nn.Linear(width, 3 * width)
        self.mixed = nn.Linear(width, width)
        self.before_feed_forward = nn.LayerNorm(width)
        self.widened = nn.Linear(width, 4 * width)
        self.narrowed = nn.Linear(4 * width, width)

    def attention(self, x):
        batch, length, width = x.shape
        parts = self.queries_keys_values(x).view(batch, length, 3, self.heads, -1)
        queries, keys, values = parts.permute(2, 0, 3, 1, 4)
        mixed = functional.scaled_dot_product_attention(queries, keys, values, is_causal=True)
        return self.mixed(mixed.transpose(1, 2).reshape(batch, length, width))

    def forward(self, x):
        x = x + self.attention(self.before_attention(x))
        bent = functional.gelu(self.widened(self.before_feed_forward(x)), approximate="tanh")
        return x + self.narrowed(bent)


class Decoder(nn.Module):
    """GPT-2 with learnt positions; the table of the tokens is the head as well."""

    def __init__(self, sizes):
        super().__init__()
        width = sizes["width"]
        self.tokens = nn.Embedding(sizes["vocab"], width)
        self.positions = nn.Embedding(sizes["context"], width)
        self.layers = nn.ModuleList(
            Layer(width, sizes["heads"]) for _ in range(sizes["layers"]))
        self.last_norm = nn.LayerNorm(width)
        for weight in self.parameters():
            if weight.dim() == 2:
                nn.init.normal_(weight, std=0.02)

    def forward(self, tokens, targets):
        x = self.tokens(tokens) + self.positions.weight[: tokens.shape[1]]
        for layer in self.layers:
            x = layer(x)
        logits = functional.linear(self.last_norm(x), self.tokens.weight)
        return functional.cross_entropy(logits.flatten(0, 1), targets.flatten())


class OtherLoad:
    """How much of one core others used since this was made; 0 where the system does not say."""

    def __init__(self):
        self.began, self.busy, self.own = time.monotonic(), self.machine(), self.process()

    @staticmethod
    def machine():
        try:
            with open("/proc/stat", encoding="ascii") as stat:
                ticks = [int(word) for word in stat.readline().split()[1:]]
        except OSError:
            return None
        return (sum(ticks[:3]) + sum(ticks[5:8])) / os.sysconf("SC_CLK_TCK")

    @staticmethod
    def process():
        times = os.times()
        return times.user + times.system

    @property
    def share(self):
        if self.busy is None:
            return 0.0
        foreign = (self.machine() - self.busy) - (self.process() - self.own)
        return max(0.0, foreign / (time.monotonic() - self.began))


def timed(work):
    """Runs `work`, which returns its times in seconds, until the seconds asked for are over."""
    for _ in range(3):
        work()
    load, end, samples = OtherLoad(), time.monotonic() + ASKED.seconds, []
    while time.monotonic() < end or len(samples) < 5:
        samples.append(work())
    return samples, load.share


def milliseconds(times):
    ordered = sorted(times)
    return ordered[len(ordered) // 2] * 1e3, ordered[0] * 1e3


def report(**figures):
    if sys.platform == "darwin":
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_048_576
    else:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_024
    print(json.dumps({"peer": f"torch-{ASKED.mode}", **figures, "peak_rss_mb": round(peak)}))


def step(name):
    sizes = SIZES[name]
    model = Decoder(sizes)
    optimiser = torch.optim.AdamW(model.parameters(), lr=1e-4, weight_decay=0.0, fused=True)
    tokens, targets = torch.randint(sizes["vocab"], (2, sizes["batch"], sizes["length"]))
    loss_of = torch.compile(model) if ASKED.mode == "compile" else model
    last = 0.0

    def work():
        nonlocal last
        began = time.perf_counter()
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=ASKED.mode == "bf16"):
            loss = loss_of(tokens, targets)
        loss.backward()
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        last = loss.item()
        return time.perf_counter() - began

    times, share = timed(work)
    median, least = milliseconds(times)
    count = sizes["batch"] * sizes["length"]
    width, layers = sizes["width"], sizes["layers"]
    weights = 12 * layers * width**2 + sizes["vocab"] * width
    flops = (6 * weights + 12 * layers * sizes["length"] * width) * count
    report(config=name, median_ms=round(median, 2), min_ms=round(least, 2), steps=len(times),
           tokens_per_s=round(count / median * 1e3), gflops=round(flops / median / 1e6, 1),
           foreign_share=round(share, 3), loss=round(last, 4))


def attention(batch, heads, length, width):
    shape = (batch, length, heads, width)
    operands = [torch.randn(shape).transpose(1, 2).requires_grad_() for _ in range(3)]
    gradient = torch.randn(shape).transpose(1, 2)

    def work():
        began = time.perf_counter()
        mixed = functional.scaled_dot_product_attention(*operands, is_causal=True)
        between = time.perf_counter()
        torch.autograd.grad(mixed, operands, gradient)
        return between - began, time.perf_counter() - between

    samples, share = timed(work)
    forward, least_forward = milliseconds(sample[0] for sample in samples)
    backward, least_backward = milliseconds(sample[1] for sample in samples)
    report(batch=batch, heads=heads, length=length, width=width,
           forward_ms=round(forward, 3), backward_ms=round(backward, 3),
           min_forward_ms=round(least_forward, 3), min_backward_ms=round(least_backward, 3),
           steps=len(samples), foreign_share=round(share, 3))


def multiply(m, n, k):
    # The weight is stored [N, K], as PyTorch's own linear layer has it.
    left, weight, above = torch.randn(m, k), torch.randn(n, k), torch.randn(m, n)
    forms = {"forward": lambda: left @ weight.T, "input_gradient": lambda: above @ weight,
             "weight_gradient": lambda: above.T @ left}
    figures, shares = {}, []
    for name, product in forms.items():
        def work(product=product):
            began = time.perf_counter()
            product()
            return time.perf_counter() - began

        times, share = timed(work)
        least = milliseconds(times)[1]
        figures[name + "_gflops"] = round(2 * m * n * k / least / 1e6, 1)
        shares.append(share)
    report(m=m, n=n, k=k, **figures, foreign_share=round(max(shares), 3))


torch.set_num_threads(ASKED.threads)
torch.manual_seed(0)
if ASKED.what == "step":
    step(ASKED.operands[0])
elif ASKED.what == "attention":
    attention(*(int(word) for word in ASKED.operands))
else:
    multiply(*(int(word) for word in ASKED.operands))
