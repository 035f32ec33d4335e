// DiagnosticManual+Models: whole models: counts, selections, adapters and training plans.
// What is decided on the finished model.

extension DiagnosticManual {
  static var models: [Entry] {
    [
      Entry(
        "expectation-failed",
        """
        An `expect` claims something that the finished model refutes; the facts show the sum or the
        shape.
        """,
        example: "expect parameters == 7_617_192 where the blocks sum to 7_617_024",
        remedy: """
          Correct the model if the claim is right; the fixes name config values at which it would
          hold. Otherwise correct the claim.
          """),
      Entry(
        "unused-allow",
        """
        An `allow` or `treat` line names a finding that the model does not have, so that it would
        hide the next one of that kind.
        """,
        example: "allow decay-on-vectors because \"they are few\", under a plan that decays none",
        remedy: "Remove the line."),
      Entry(
        "unknown-finding",
        "An `allow` or `treat` line names a finding that does not exist.",
        example: "allow decay-on-vektors because \"they are few\"",
        remedy: "Use the suggested name; `plumbline explain` lists all of them."),
      Entry(
        "count-overflow",
        "A count of parameters or of work does not fit 64 bits.",
        example: "a model of 10^30 parameters",
        remedy: "Look for a misplaced factor in the sizes of the block that the message names."),
      Entry(
        "symbolic-count",
        "A count of parameters depends on a dimension, so that it is no number.",
        example: "a weight of shape [T, width]",
        remedy: "Give weights static shapes."),
      Entry(
        "report-too-long",
        "The report would have more rows than anyone reads.",
        example: "shapes of a list whose 1_000_000 elements all differ",
        remedy: "Limit it with `--depth`, or make the layers of the list alike."),
      Entry(
        "unknown-claim",
        "An `expect` asks for something that is not measured.",
        example: "expect parametres == 124_439_808",
        remedy: "Use one of the subjects that the message lists."),
      Entry(
        "claim-of-wrong-kind",
        "An `expect` compares a quantity with a value of another kind.",
        example: "expect parameters == \"many\"",
        remedy: "Compare counts with whole numbers and shapes with lists of dimensions."),
      Entry(
        "claim-undecided",
        """
        An `expect` can't be decided: it holds for some sizes and not for others, or needs something
        that the file does not say.
        """,
        example: "expect flops(forward) == 291_648_307_200 without sizes for B and T",
        remedy: "Give the sizes: `expect flops(forward, B = 1, T = 1_024) == …`."),
      Entry(
        "unknown-path",
        "A path of an `expect` names no layer or weight of the model.",
        example: "expect parameters(decoder[0].atend) == 4_198_400",
        remedy: "Use the suggested path; `plumbline shapes` prints the tree of names."),
      Entry(
        "not-a-path",
        "An `expect` needs a path of layers, and this is another expression.",
        example: "expect parameters(2 + 2) == 4",
        remedy: "Write the names as they stand in the model: `decoder[0].cross`."),
      Entry(
        "no-backward-pass",
        "The gradients of the model can't be computed, so there is no backward pass to report.",
        example: "a model whose only result is an integer tensor",
        remedy: "Return real numbers, or leave `--backward` out."),
      Entry(
        "selection-matches-nothing",
        "A path of `freeze` or `adapt` reaches no layer and no weight.",
        example: "freeze h[*].attention.*",
        remedy: "Correct the path; the facts list the paths that exist."),
      Entry(
        "adapter-type-mismatch",
        "An adapter is applied to a layer of another type than it wraps.",
        example: "adapt wte with lora(rank: 8), where lora is for linear",
        remedy: "Select layers of the type that the adapter names."),
      Entry(
        "loss-not-scalar",
        "The loss of a training section is no single number.",
        example: "loss softmax(logits : b t [v])",
        remedy: "Use a loss such as `cross_entropy`, or average with `mean`."),
      Entry(
        "plan-out-of-range",
        "A number of a training section lies outside the values that make sense.",
        example: "optimizer adamw(betas: (0.9, 1.5))",
        remedy: "Use a value in the range that the message names."),
      Entry(
        "batch-out-of-bounds",
        "The batch of a training section has a size that the model does not admit.",
        example: "batch B = 8, T = 4_096 with T in 1...1_024",
        remedy: "Use a size within the bounds of the dimension."),
      Entry(
        "schedule-out-of-order",
        "A phase of the learning-rate schedule ends before it begins.",
        example: "warmup until step 2_000, then cosine until step 1_000",
        remedy: "Put the phases in order of their last steps."),
      Entry(
        "schedule-argument",
        "A schedule is missing an argument, or has one that its tool would refuse or divide by.",
        example: "schedule torch.StepLR(step_size: 0)",
        remedy: "Give the arguments that the tool's own schedule takes, in the ranges named."),
      Entry(
        "warmup-outlives-run",
        "The warm-up is at least as long as the run, so the planned rate is never reached.",
        example: "steps 1_000 with schedule warmup 2_000 steps",
        remedy: "Shorten the warm-up, to a tenth of the run at most, or train for more steps."),
      Entry(
        "unknown-dimension",
        "`--set` gives a size to a dimension that the model does not have.",
        example: "--set Q=3 for a model over B and T",
        remedy: "Use the name of one of the dimensions that the message lists."),
      Entry(
        "too-many-errors",
        "More errors were found than are shown.",
        example: "a file with a thousand mistakes",
        remedy: "Mend the first ones and check again: later errors are often consequences."),
      Entry(
        "too-many-warnings",
        "More warnings were found than are shown.",
        example: "a file with a thousand unused layers",
        remedy: "Mend the first ones and check again."),
      Entry(
        "too-many-notes",
        "More remarks were found than are shown.",
        example: "a file with a thousand remarks",
        remedy: "Mend the first ones and check again."),
    ]
  }
}
