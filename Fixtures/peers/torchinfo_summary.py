#!/usr/bin/env python3
"""torchinfo on the meta device as the peer of plumbline-benchmark analyse.

Reads one path of a config.json a line from standard input, builds the model that it describes on
the meta device, lets torchinfo run a forward and print its table, and answers with one line of JSON:
the milliseconds that took and the parameters, or why it could not. The interpreter and its imports
are started once and are not timed.
"""
import json
import os
import sys
import time
import warnings
from contextlib import nullcontext

os.environ["TRANSFORMERS_VERBOSITY"] = "error"
warnings.filterwarnings("ignore")

import torch  # noqa: E402
import torchinfo  # noqa: E402
import transformers  # noqa: E402
from transformers import AutoConfig, AutoModel, AutoModelForCausalLM  # noqa: E402


# Rotary layers switch autocasting off, which PyTorch can't do for the meta device.
torch.autocast = lambda *_, **__: nullcontext()


def made(config):
    """The class that the config names, else the one that the automatic classes choose."""
    for name in config.architectures or []:
        kind = getattr(transformers, name, None)
        if kind is not None:
            # Other attention asks its mask for values, which the meta device has none of.
            return kind._from_config(config, attn_implementation="eager")
    kind = AutoModelForCausalLM if type(config) in AutoModelForCausalLM._model_mapping else AutoModel
    return kind.from_config(config, attn_implementation="eager")


def inputs(config, model):
    name = model.main_input_name
    if name == "pixel_values":
        vision = getattr(config, "vision_config", config)
        return {name: torch.zeros(1, vision.num_channels, vision.image_size, vision.image_size)}
    if name == "input_features":
        ids = torch.zeros(1, 16, dtype=torch.long)
        frames = 2 * config.max_source_positions
        return {name: torch.zeros(1, config.num_mel_bins, frames), "decoder_input_ids": ids}
    # Without a mask some models look for padding, and there are no values to look at.
    found = {"input_ids": torch.zeros(1, 16, dtype=torch.long),
             "attention_mask": torch.ones(1, 16, dtype=torch.long)}
    if config.is_encoder_decoder:
        found["decoder_input_ids"] = torch.zeros(1, 16, dtype=torch.long)
    return found


def summary(path):
    start = time.perf_counter()
    config = AutoConfig.from_pretrained(os.path.dirname(path))
    with torch.device("meta"):
        model = made(config)
        report = torchinfo.summary(
            model, input_data=inputs(config, model), device="meta", verbose=0, depth=4)
    text = str(report)
    return (time.perf_counter() - start) * 1e3, sum(p.numel() for p in model.parameters()), len(text)


print(json.dumps({"torchinfo": torchinfo.__version__, "torch": torch.__version__,
                  "transformers": transformers.__version__}), flush=True)
for line in sys.stdin:
    try:
        milliseconds, parameters, _ = summary(line.strip())
        print(json.dumps({"ms": milliseconds, "parameters": parameters}), flush=True)
    except Exception as error:  # what a model can't do on the meta device is told, not hidden
        cause = error.__cause__ or error
        print(json.dumps({"error": f"{type(cause).__name__}: {cause}"[:160]}), flush=True)
