// DiagnosticManual+Names: names: declarations, imports and what stands behind a name.
// What the elaborator says when a name means nothing, too much, or something else.

extension DiagnosticManual {
  static var names: [Entry] {
    [
      Entry(
        "unknown-name",
        "Nothing that is visible here has this name.",
        example: "einsun(q, k : b t d, b s d -> b t s)",
        remedy: """
          Use the suggested name, or declare it. Blocks see their own names, those of the file, of its
          imports and of the prelude.
          """),
      Entry(
        "duplicate-name",
        "A name is set twice in one place; the language has no assignment.",
        example: "let q = linear(4, 4) and again let q = linear(4, 8)",
        remedy: "Give the second a name of its own."),
      Entry(
        "duplicate-declaration",
        "A file declares two blocks, adapters or models of one name.",
        example: "block mlp(…) twice in one file",
        remedy: "Rename one; a declaration may only hide one that is imported."),
      Entry(
        "duplicate-argument",
        "An argument is given twice, by position and by label or twice by label.",
        example: "linear(768, in: 768)",
        remedy: "Remove one of the two."),
      Entry(
        "duplicate-forward",
        "A block has two `forward` functions that are visible at once.",
        example: "two forward members in one block",
        remedy: "Keep one, or put them in the branches of an `if`."),
      Entry(
        "import-not-found",
        "There is no file of this name beside the importing one, nor among the embedded models.",
        example: "import \"gpt3.model\"",
        remedy: "Correct the path; it is relative to the file that imports."),
      Entry(
        "cyclic-import",
        "A file imports itself, directly or through others.",
        example: "a.model imports b.model, which imports a.model",
        remedy: "Move what both need into a third file."),
      Entry(
        "cyclic-derivation",
        "A model derives from itself, directly or through others.",
        example: "model a = b { } and model b = a { }",
        remedy: "Let one of them stand on its own."),
      Entry(
        "no-model",
        "The file declares blocks only, so there is no model to analyse.",
        example: "a file with `block attention(…)` and nothing else",
        remedy: "Add `model name { … }`, or name a file that has one."),
      Entry(
        "unknown-model",
        "A model of this name was asked for, and the file has none.",
        example: "train gpt3 { … }",
        remedy: "Use the name of a model that the file declares or imports."),
      Entry(
        "not-a-model",
        "A model derives from something that is no model.",
        example: "model mine = linear { }",
        remedy: "Derive from a model; layers are used with `let`."),
      Entry(
        "no-forward",
        "A layer is applied, or a model analysed, that has no `forward`.",
        example: "block table(rows: Int) { param weight: [rows] }",
        remedy: "Add `forward(…) -> … { … }`, or read its weights by name."),
      Entry(
        "recursive-block",
        "A block contains itself, so instantiating it would never end.",
        example: "block tree(n: Int) { let left = tree(n) }",
        remedy: "Guard the inner instance with `if` on an argument that gets smaller."),
      Entry(
        "no-such-member",
        "What stands before the dot has no member of this name.",
        example: "wte.wieght",
        remedy: "Use the suggested name; `plumbline explain` lists what a block has."),
      Entry(
        "layer-without-name",
        "A layer is made and used at once, so that its weights would have no name.",
        example: "forward(x: [T, 8]) -> [T, 8] { return linear(8, 8)(x) }",
        remedy: "Name it among the members: `let proj = linear(8, 8)`."),
      Entry(
        "not-callable",
        "Something is applied that is no layer, block or operation.",
        example: "width(x)",
        remedy: "Apply a layer, or drop the parentheses."),
      Entry(
        "not-a-layer",
        "A layer is needed here, and this is something else.",
        example: "repeat 12 768",
        remedy: "Write a block with its arguments: `repeat 12 transformer_block(width)`."),
      Entry(
        "not-a-list",
        "An element is taken of something that is no list.",
        example: "ln_f[0]",
        remedy: "Only `repeat` and bracketed lists have elements."),
      Entry(
        "index-not-a-number",
        "The index of a list is no whole number.",
        example: "h[causal]",
        remedy: "Use a whole number, such as the index of `repeat`."),
      Entry(
        "unused-layer",
        "A layer is declared and never applied: it has weights that get no gradient.",
        example: "let extra = linear(768, 768) without extra(x)",
        remedy: "Apply it or remove it. Checkpoints that hold it would load weights for nothing."),
      Entry(
        "unused-weights",
        "A weight is declared and never read: it gets no gradient.",
        example: "param bias: [out] without a use of bias",
        remedy: "Use it or remove it."),
      Entry(
        "unreachable-code",
        "Statements stand after `return`, where nothing is evaluated.",
        example: "return x, and then y = relu(x)",
        remedy: "Remove them, or move `return` to the end."),
      Entry(
        "missing-return",
        "A `forward` ends without `return`, though it promises a result.",
        example: "forward(x: [T]) -> [T] { y = relu(x) }",
        remedy: "End it with `return y`."),
    ]
  }
}
