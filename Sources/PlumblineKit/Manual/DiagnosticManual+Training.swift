// DiagnosticManual+Training: what stops a training before its first step, within it and after a crash.
// Apart from the data's entries, which other commands raise too.

extension DiagnosticManual {
  static var training: [Entry] {
    [
      Entry(
        "training-plan-incomplete",
        """
        A training needs a size for every dimension of the inputs, an optimizer with its rate, a number
        of steps, and a schedule that has a rate for each of them.
        """,
        example: "a `train` section without `batch`",
        remedy: "Complete the section, or give --batch, --rate, --steps or --schedule."),
      Entry(
        "sweep-without-axes",
        "A study varies something: an option `--vary`, or a `vary` line of the section, says what.",
        example: "plumbline sweep of a file without a `vary` line",
        remedy: "Add --vary rate=1e-4,3e-4,1e-3."),
      Entry(
        "sweep-value",
        """
        A rate and a norm vary over positive numbers, steps, seeds, accumulation and sizes over whole
        ones.
        """,
        example: "--vary seed=1.5",
        remedy: "Correct the value; commas stand between values, or bars where they hold commas."),
      Entry(
        "best-value-at-edge",
        """
        The best run of a study has the lowest or the highest value of an axis, so that better values
        may lie beyond. A remark only: a larger rank or width is often best, and costs more.
        """,
        example: "of the ranks 2, 4, 8 and 16 the last is best",
        remedy: "Extend the axis beyond that end, or stop where more is not worth its cost."),
      Entry(
        "base-missing",
        """
        A run of adapters keeps what it trains and refers to the weights that it began with, by their
        path and a digest. Going on, writing and merging need them; saving the adapters does not.
        """,
        example: "plumbline sample runs/lora after base.safetensors was moved",
        remedy: "Say where the file lies now: --base PATH."),
      Entry(
        "base-changed",
        """
        The file has other bytes than the weights that the run began with: what was learnt on those
        means nothing on others.
        """,
        example: "base.safetensors trained further after adapters were put on it",
        remedy: "Restore the file, or name a copy with --base PATH."),
      Entry(
        "base-holds-adapters",
        "A run of adapters holds only what it trained, so nothing else can begin with it alone.",
        example: "--weights runs/lora",
        remedy: "Merge it into its base: plumbline adapter RUN --merge FILE.safetensors."),
      Entry(
        "sweep-without-adapter",
        """
        Rank, alpha and targets are varied in the model's `adapt` line: there must be one that takes
        the argument, and several must agree on what is varied. Targets need a single line.
        """,
        example: "--vary rank=4,8 on a model that adapts nothing",
        remedy: "Adapt the layers in one line, or give the config a field and use it in the lines."),
      Entry(
        "sweep-too-large",
        "A study has at most a thousand runs: the product of the numbers of values of its axes.",
        example: "four axes of six values each",
        remedy: "Vary fewer things at a time, coarsely first, then finely around the best."),
      Entry(
        "training-input-unfilled",
        """
        Tokens fill one input `[B, T]` of whole numbers, and their successors the targets of the loss.
        The model wants more than that, such as a decoder's inputs or a mask, or has no targets.
        """,
        example: "an encoder and decoder with `source` and `target`, trained on a text",
        remedy: """
          Give the batches by name in a safetensors file (`batch0/source`, `batch0/target`), or write a
          loss with targets.
          """),
      Entry(
        "batch-shapes-differ",
        """
        Batches of a safetensors file have inputs of different shapes, or of others than the plan
        says. A step is planned to the byte for one shape.
        """,
        example: "batch0/tokens is [4, 16], batch1/tokens is [4, 12]",
        remedy: "Pad the shorter ones and give the padding the label that the loss ignores, -100."),
      Entry(
        "batch-without-targets",
        """
        All targets of an update are left out of the loss, so that its mean would be over none. With
        accumulation, one of the micro-batches with a target is enough.
        """,
        example: "batch3/labels holds -100 only",
        remedy: "Leave the batch out of the file, or give it targets."),
      Entry(
        "step-not-planned",
        "The compiled executor can't plan the training step, or the machine has no memory for it.",
        example: "a model of `dtype f64`",
        remedy: "Take smaller batches and accumulate more, or declare `dtype f32`."),
      Entry(
        "model-not-self-contained",
        """
        A run keeps its model as one file without imports, so that nothing that changes elsewhere
        changes the run. This model can't be written so.
        """,
        example: "two imported files with a block `norm` each, both used",
        remedy: "Rename one of the blocks, or write the blocks into the model's own file."),
      Entry(
        "run-exists",
        "The folder holds a run already, and a new one would destroy it.",
        example: "plumbline train gpt.model --data text --out runs/first, twice",
        remedy: "Go on with it by --resume, remove it with --overwrite, or name another folder."),
      Entry(
        "folder-not-a-run",
        """
        The folder has files of the names that a run writes, but no `state.json`: they are somebody
        else's, or all that is left of a run, and a new run would replace them.
        """,
        example: "plumbline train gpt.model --data text --out ., beside a model.model of one's own",
        remedy: "Name another folder, or remove them with --overwrite."),
      Entry(
        "no-checkpoint",
        """
        A run keeps its last checkpoint and, until it is finished, the one before. No other can be
        gone on from.
        """,
        example: "plumbline train --resume --from 100 --out runs/first, long after step 100",
        remedy: "Name one of the steps that the message gives, or leave --from out."),
      Entry(
        "run-busy",
        "Two processes can't write one run: the folder is locked while one trains in it.",
        example: "plumbline train --resume --out runs/first, in two terminals",
        remedy: "Wait for the other or stop it, or train in another folder."),
      Entry(
        "no-run",
        "A run is to be resumed or read, and the folder has no `state.json`.",
        example: "plumbline train --resume --out runs/misspelt",
        remedy: "Name the folder of the run; one that was killed before its first step begins anew."
      ),
      Entry(
        "run-data-changed",
        """
        The data are not those that the run began with, by size or digest. Going on would be another run
        under the same name.
        """,
        example: "a text that grew by a line since the run began",
        remedy: "Give the same data with --data, wherever they lie now, or begin another run."),
      Entry(
        "run-model-changed",
        "The model or the options given are not those of the run that is to be resumed.",
        example: "plumbline train gpt.model --resume --out runs/first --rate 1e-3",
        remedy: "Leave the model file and the options out, or begin another run."),
      Entry(
        "checkpoint-damaged",
        """
        A file of a checkpoint is missing, cut off, changed, or of another model. Sizes and digests
        stand in `state.json`; nothing was changed by the attempt to read it.
        """,
        example: "weights-000500.safetensors with 1,048,576 bytes, 43,130,896 were saved",
        remedy: "Restore the file from a copy, or begin again with --overwrite."),
      Entry(
        "file-not-written",
        """
        The file system refused to take a file: the disk is full, the folder is read-only, or a quota is
        used up. A checkpoint that was there before stands as it was.
        """,
        example: "weights-001000.safetensors cannot be written: no space left on device",
        remedy: "Make room or choose another folder, then go on with --resume."),
    ]
  }
}
