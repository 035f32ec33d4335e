// Usage: what `plumbline-benchmark --help` prints.
// Apart, because the text changes more often than what reads the options.

let usage = """
  usage: plumbline-benchmark BENCHMARK... [options]

  check      plumbline check models/gpt2-xl.model beside an empty Python program
  limits     a thousand layers, and files that nobody would write
  step       one training step of a model, timed: a line of JSON for each configuration
  loop       an update of `plumbline train` beside its bare step, by turns, and the ratio
  profile    where a step's time goes, by operation: time, calls, FLOPs, bytes, share of the limit
  compare    the same step in PyTorch and here by turns, and the ratios (Fixtures/peers/README.md)
  analyse    milliseconds to analyse a config.json, next to torchinfo on the meta device by turns

  check and limits are run when nothing is asked for.

  --config seed|char|124M  the step: a small GPT-2 for stories, one for characters, GPT-2 small;
                           all three unless given
  --attention, --gemm      compare attention, or matrix products, instead of steps
  --threads N              workers of a step; all cores unless given
  --seconds S              how long each run measures: 5
  --runs N                 how often each program is run
  --python PATH            the interpreter that has PyTorch: .build/peers/bin/python
  --configs DIRECTORY      analyse the configs of a directory instead of the published ones
  --busy                   show figures of a busy machine, marked, instead of refusing them
  --plain                  step with the plain executor, the reference
  --unfused                plan every operation alone, to see what joining them brings
  --extents                in a profile, tell applications to different extents apart
  --format text|json       a table, or JSON for scripts
  --binary PATH, --model PATH, --models DIRECTORY
                           the tool, the model that `check` checks or `loop` trains, and where
                           the models lie
  --data PATH              what `loop` trains on: 1 MB of stories unless given

  examples: swift run -c release plumbline-benchmark step --config seed
            swift run -c release plumbline-benchmark compare --config seed --runs 3
            swift run -c release plumbline-benchmark analyse --python .build/peers/bin/python
  """
