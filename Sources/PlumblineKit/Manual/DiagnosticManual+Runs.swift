// DiagnosticManual+Runs: files and runs: reading, weights, inputs and execution.
// What can be wrong with files beside the model, and with the tensors of a run.

extension DiagnosticManual {
  static var runs: [Entry] {
    [
      Entry(
        "memory-exceeds-device",
        """
        A training step needs more memory than the `device` line of the plan gives. In f32 the need is
        the executor's own plan, to the byte; in 16 bits a parameter costs 16 bytes and activations are
        taken as half of f32's, so the finding is a warning unless weights, gradients and optimiser state
        alone need more than there is.
        """,
        example: "device memory 16 GiB, for a model of 1.5 billion parameters",
        remedy: """
          Take fewer examples at a time and accumulate more, shorten the sequences, or train an adapter.
          """, catalogue: "M01, M02"),
      Entry(
        "memory-unit-decides",
        """
        A training step fits the device when its memory is read in GiB, 1,073,741,824 bytes each, and
        does not when it is read in GB, a thousand million bytes each: 80 GB are 74.5 GiB. Which one a
        maker means is not always said.
        """,
        example: "device memory 16 GiB, for a step of 16.5 GB",
        remedy: """
          Look up the bytes of the device, and leave some for the runtime; or write the limit in GB.
          """, catalogue: "M04"),
      Entry(
        "log-unreadable",
        """
        A step log is empty, breaks the rules of JSON Lines or CSV, or names no step. A line that breaks
        off at the very end is passed over, since runs are killed.
        """,
        example: "a CSV whose first line is 0,10.8 instead of step,loss",
        remedy: "Write one JSON object a line, or a first line with the names of the columns."),
      Entry(
        "unreadable-file",
        "A file does not exist, is a directory, is too large, or may not be read.",
        example: "plumbline check modles/gpt2.model",
        remedy: "Correct the path or the permissions."),
      Entry(
        "invalid-json",
        "A JSON file breaks the rules of JSON; the caret shows where.",
        example: "{\"n_embd\": 768,}",
        remedy: "Correct the file at the place that is shown."),
      Entry(
        "config-not-an-object",
        "A `config.json` holds something else than keys with values.",
        example: "[768, 12]",
        remedy: "Use the config that stands beside the checkpoint."),
      Entry(
        "missing-model-type",
        "A config does not say which architecture it configures.",
        example: "{\"n_embd\": 768}",
        remedy: "Add `\"model_type\": \"gpt2\"`, or check a `.model` file with `--set`."),
      Entry(
        "unknown-model-type",
        "No model file describes the architecture of a config.",
        example: "\"model_type\": \"gpt5\"",
        remedy: """
          Use one of the families that the message lists, or describe the architecture in a model file
          with `family`.
          """),
      Entry(
        "misspelt-config-key",
        """
        A key of a config is almost one that the architecture reads, so that a field would silently
        keep its default.
        """,
        example: "\"n_emdb\": 1024",
        remedy: "Correct the key."),
      Entry(
        "duplicate-config-key",
        "A key is given twice in a config; programs that read it take the last one.",
        example: "{\"n_head\": 12, \"n_head\": 16}",
        remedy: "Keep one of the two."),
      Entry(
        "config-wrong-type",
        "A value of a config is of another kind than its field.",
        example: "\"n_head\": \"12\"",
        remedy: "Write a value of the kind that the message names."),
      Entry(
        "config-out-of-range",
        "A number of a config does not fit its field.",
        example: "\"n_embd\": 1e30",
        remedy: "Write a number that a model could have."),
      Entry(
        "invalid-safetensors",
        "The header of a safetensors file contradicts itself or the length of the file.",
        example: "a download that was cut off",
        remedy: "Fetch or write the file again."),
      Entry(
        "missing-weight",
        "A weights file lacks a weight of the model.",
        example: "a checkpoint without `h.11.ln_2.bias`",
        remedy: """
          Use the checkpoint of this model, or set the config values with which it was trained.
          """),
      Entry(
        "unexpected-weight",
        "A weights file holds a weight that the model does not have.",
        example: "a checkpoint of 24 layers for a model of 12",
        remedy: "Use the checkpoint of this model; the names show which part differs."),
      Entry(
        "weight-shape-mismatch",
        "A weight of the file has another shape than the model declares.",
        example: "c_attn.weight stored [2304, 768] for [768, 2304]",
        remedy: """
          Correct the config, or use the block whose layout is the file's: `linear` stores [out, in],
          `conv1d` [in, out].
          """),
      Entry(
        "unused-input",
        "The inputs hold a tensor that the model does not take; it is ignored.",
        example: "`attention_mask` for a model that takes `input_ids`",
        remedy: "Leave it out, or name the input that reads it with `--input NAME=TENSOR`."),
      Entry(
        "no-batch-axis",
        "A batch is to be cut into micro-batches, and the model's first input has no axis.",
        example: "--accumulate 4 with a scalar input",
        remedy: "Leave `--accumulate` out."),
      Entry(
        "batch-does-not-divide",
        "A batch has a number of rows that can't be cut into equal micro-batches.",
        example: "--accumulate 4 with 6 rows",
        remedy: "Use a divisor of the number of rows."),
      Entry(
        "training-fault",
        """
        A training step can't be made as asked; the message says which setting or tensor is in the
        way.
        """,
        example: "a learning rate that is not a number",
        remedy: "Correct what the message names."),
      Entry(
        "missing-input",
        "A run lacks a tensor that the model takes.",
        example: "no `tokens` among the inputs",
        remedy: "Add it under the name that the model's `forward` gives it."),
      Entry(
        "unknown-input",
        "A run is given a tensor that the model does not take.",
        example: "`token_ids` for a model that takes `tokens`",
        remedy: "Use one of the names that the message lists."),
      Entry(
        "wrong-parameter-count",
        "A run is given more or fewer weights than the model has.",
        example: "a checkpoint of another model",
        remedy: "Use the weights of this model."),
      Entry(
        "wrong-element-kind",
        "A tensor of a run holds another kind of element than the model takes.",
        example: "tokens stored as f32",
        remedy: "Store it with the right type."),
      Entry(
        "wrong-rank",
        "A tensor of a run has more or fewer axes than the model takes.",
        example: "tokens of shape [16] for i32[B, T]",
        remedy: "Add or remove an axis."),
      Entry(
        "wrong-extent",
        "An axis of a tensor of a run has another size than the model says.",
        example: "wte.weight with 50_258 rows",
        remedy: "Use the tensor of this model, or correct the config."),
      Entry(
        "conflicting-size",
        "Two axes of a run's inputs give one dimension different sizes.",
        example: "tokens [2, 16] with labels [2, 15]",
        remedy: "Give both the same size."),
      Entry(
        "unbound-size",
        "No input of a run says how large a dimension is.",
        example: "an input of shape [2·T] alone",
        remedy: "Add an input that has the dimension itself as an axis."),
      Entry(
        "wrong-element-count",
        "A tensor of a run has more or fewer elements than its shape says.",
        example: "shape [2, 3] with five elements",
        remedy: "Write the tensor again."),
      Entry(
        "not-executable-dtype",
        "A model computes in an element type that the executor does not.",
        example: "dtype bf16",
        remedy: "Run it in f32: the analysis holds for both."),
      Entry(
        "too-large-to-run",
        "A tensor of a run is larger than the limit.",
        example: "a weight of 10^12 elements",
        remedy: "Run a smaller configuration with `--set`."),
      Entry(
        "kernel-fault",
        """
        A kernel refused its data in the middle of a run; the message says which operation and why.
        """,
        example: "a token id beyond the vocabulary",
        remedy: "Correct the data that the message names."),
      Entry(
        "malformed-graph",
        """
        The graph of a run breaks a rule of the intermediate representation; this is a mistake of
        plumbline's.
        """,
        example: "a node that reads a value of a later node",
        remedy: "Report it with the model file."),
    ]
  }
}
