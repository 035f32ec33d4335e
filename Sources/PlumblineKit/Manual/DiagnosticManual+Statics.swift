// DiagnosticManual+Statics: static values: arguments, conditions and arithmetic.
// What is decided while blocks are instantiated, before any tensor exists.

extension DiagnosticManual {
  static var statics: [Entry] {
    [
      Entry(
        "missing-argument",
        "An argument without a default is left out.",
        example: "linear(768)",
        remedy: "Give it; the message shows the signature."),
      Entry(
        "wrong-argument-count",
        "More or fewer arguments, operands or tensors are given than are taken.",
        example: "embedding(50_257)",
        remedy: "Compare with the signature in the message."),
      Entry(
        "wrong-argument-type",
        "An argument is of another kind than the parameter takes.",
        example: "linear(\"768\", 768)",
        remedy: "Give a value of the type that the message names."),
      Entry(
        "wrong-operands",
        "An arithmetic operator or function has no meaning for these values.",
        example: "let x = \"a\" * 2",
        remedy: "Convert one side, or use another operator."),
      Entry(
        "division-by-zero",
        "A number is divided by zero, or its remainder by zero is taken.",
        example: "let head_width = width / 0",
        remedy: "Look at the derivation of the divisor; often a config value is missing."),
      Entry(
        "not-static",
        """
        A tensor stands where a value is needed before any tensor exists, or the other way round.
        """,
        example: "let mask = iota(8) outside forward",
        remedy: "Move the computation into `forward`."),
      Entry(
        "not-a-tensor",
        "A number, a layer or several tensors stand where one tensor is needed.",
        example: "return attn",
        remedy: "Apply the layer: `attn(x)`; name several results first: `a, b = …`."),
      Entry(
        "not-a-condition",
        "A condition is neither true nor false.",
        example: "if heads { … }",
        remedy: "Compare: `if heads > 1 { … }`."),
      Entry(
        "condition-not-static",
        "A branch depends on a size that is only known when the model runs.",
        example: "if T > 128 { … }",
        remedy: "Branch on config values; use `where` to choose between tensors."),
      Entry(
        "no-matching-case",
        "No case of a `match` fits the value, and there is no `else`.",
        example: "match activation { \"relu\": … } with activation = \"gelu\"",
        remedy: "Add the case or an `else`."),
      Entry(
        "requirement-failed",
        """
        A `require` of a block does not hold for these arguments, or can't be shown to hold for
        every size.
        """,
        example: "require width % heads == 0 with width = 768 and heads = 7",
        remedy: """
          Change one of the values; the facts show where each comes from and the nearest that fit. If
          the requirement can't be shown, bound the dimension with `dim`.
          """),
      Entry(
        "value-too-large",
        "A static list or string grows beyond what any model needs, so it was not built.",
        example: "a list that holds itself twice, forty levels deep",
        remedy: "Use `repeat` for layers; keep lists to what the config gives."),
      Entry(
        "model-too-large",
        """
        The model has more different layers, or layers applied to more different shapes, than can be
        told apart in reasonable time. Alike layers count once.
        """,
        example: "repeat 100_000 as i linear(i + 1, i + 2)",
        remedy: "Let layers depend on fewer different arguments, or make fewer of them."),
      Entry(
        "not-a-whole-number",
        """
        A calculation gives a fraction where only a whole number makes sense: a size, a count of
        layers, an axis.
        """,
        example: "linear(768, 768 / 10)",
        remedy: """
          Choose numbers that divide; the message names the nearest. Where rounding is meant, say so
          with `div`, `int`, `floor` or `ceil`.
          """),
      Entry(
        "not-a-dimension",
        "A size is neither a whole number nor a dimension.",
        example: "param weight: [0.5]",
        remedy: "Use a whole number, a config value or a dimension."),
      Entry(
        "dimension-not-bound",
        "A dimension is used before anything says what it is.",
        example: "forward() -> [T] { … }",
        remedy: "Let it appear in the type of an input first, or declare it with `dim`."),
      Entry(
        "contradictory-bounds",
        """
        The bounds of the dimensions exclude one another, so that the model would have no inputs at
        all.
        """,
        example: "dim T >= 8, T <= 4",
        remedy: """
          Correct the bounds. Everything can be proved of nothing, so the check stops here.
          """),
      Entry(
        "size-out-of-range",
        """
        A size is negative, or zero where at least one is needed, or outside the bounds of its
        dimension.
        """,
        example: "param weight: [width - 1_024] with width = 768",
        remedy: "Follow the derivation of the size; or choose a size that `dim` admits."),
      Entry(
        "size-overflow",
        "A size is too large to be represented.",
        example: "param weight: [10^12, 10^12]",
        remedy: "Look for a misplaced factor; no machine holds such a tensor."),
      Entry(
        "weight-size-not-static",
        "The shape of a weight depends on a dimension that differs from run to run.",
        example: "param table: [T, width]",
        remedy: "Use a config value such as `context`: a weight has one shape for all inputs."),
      Entry(
        "unknown-initialiser",
        "A weight is filled in a way that the language does not have.",
        example: "param weight: [4] = xavier",
        remedy: "Use one of the initialisers that the message lists."),
      Entry(
        "tied-shapes-differ",
        "A weight is tied to another one of a different shape.",
        example: "param weight: [width, rows] = table.weight with a table of [rows, width]",
        remedy: "Declare the shape of the owner; transpose where the weight is used."),
      Entry(
        "repeat-count",
        "The count of `repeat` is negative, zero, too large, or no whole number.",
        example: "repeat -1 transformer_block(width)",
        remedy: "Use a whole number of at least one."),
      Entry(
        "unusual-depth",
        "A list has more layers than any published model, which usually means a wrong unit.",
        example: "repeat 100_000 transformer_block(width)",
        remedy: "Check the count; the warning does not stop the analysis."),
      Entry(
        "repeat-changes-shape",
        "A list of layers is chained, but a layer gives another shape than it takes.",
        example: "repeat 4 linear(8, 16)",
        remedy: "Make the layer keep its shape, or apply the layers one by one."),
    ]
  }
}
