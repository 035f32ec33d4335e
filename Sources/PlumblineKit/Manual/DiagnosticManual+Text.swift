// DiagnosticManual+Text: the text of a file: words, numbers, strings and brackets.
// Everything that the lexer and the parser say before a name means anything.

extension DiagnosticManual {
  static var text: [Entry] {
    [
      Entry(
        "file-too-large",
        "The file is larger than any model that a person writes, so nothing of it was read.",
        example: "a generated file of 80 MB",
        remedy: "Check that the path is the one you meant; move repeated layers into `repeat`."),
      Entry(
        "unknown-character",
        "A character that has no meaning in the language stands outside a string or a comment.",
        example: "let width = 768;",
        remedy: "Remove it. Lines end statements, so no semicolon is needed."),
      Entry(
        "missing-let",
        "A layer or a value is named among the members of a block without `let`.",
        example: "first = linear(768, 768)",
        remedy: "Write `let first = …`; only inside `forward` does a name need no `let`."),
      Entry(
        "missing-param",
        "A weight is declared without `param`.",
        example: "scale: [768] = ones",
        remedy: "Write `param scale: …`; nothing else makes a weight."),
      Entry(
        "invalid-number",
        """
        A number ends in something that is no digit, or an underscore stands where it separates
        nothing.
        """,
        example: "let width = 768px",
        remedy: "Write digits, with `_` only between two of them: `50_257`."),
      Entry(
        "invalid-escape",
        "A backslash in a string is followed by a character that it does not escape.",
        example: "family \"gpt\\2\"",
        remedy: "Use one of `\\n`, `\\t`, `\\\"` and `\\\\`."),
      Entry(
        "unterminated-string",
        "A string does not end on the line on which it begins.",
        example: "family \"gpt2",
        remedy: "Close the string with `\"`."),
      Entry(
        "number-overflow",
        "A whole number, or the result of an arithmetic operation, does not fit 64 bits.",
        example: "let hidden = 10_000_000_000 * 10_000_000_000",
        remedy: """
          Look for a misplaced factor or a missing unit in the numbers that the message derives.
          """),
      Entry(
        "unclosed-brace",
        "The file ends, or a new declaration begins, inside a `{` that nothing closes.",
        example: "block mlp(width: Int) {",
        remedy: "Add the missing `}`; the note shows the brace that is open."),
      Entry(
        "unclosed-bracket",
        "A `[` has no `]` before the statement ends.",
        example: "param weight: [out, in = zeros",
        remedy: "Add the missing `]`; the note shows the bracket that is open."),
      Entry(
        "unclosed-parenthesis",
        "A `(` has no `)` before the statement ends.",
        example: "let q = linear(width, width",
        remedy: """
          Add the missing `)`; a statement may go on over lines only inside brackets and after commas.
          """),
      Entry(
        "nested-too-deeply",
        """
        Expressions, blocks or imports stand inside one another more often than the limit allows.
        """,
        example: "((((((((…))))))))",
        remedy: "Name the inner parts with `let`, or use `repeat` for layers that are alike."),
      Entry(
        "unexpected-token",
        "A word or a sign stands where another one was needed; the message names both.",
        example: "let q linear(width, width)",
        remedy: "Write what was expected; a fix is offered when a near miss is recognised."),
      Entry(
        "reserved-word",
        """
        A word of the language is used as a name. Only a few are reserved; most words may name
        things.
        """,
        example: "let repeat = 3",
        remedy: "Choose another name."),
      Entry(
        "unknown-declaration",
        "A line at the top of a file begins with a word that declares nothing.",
        example: "modle gpt2 { }",
        remedy: "Begin with `import`, `block`, `adapter`, `model` or `train`."),
      Entry(
        "unknown-member",
        """
        A line inside a block, a model or a training section begins with a word that means nothing
        there.
        """,
        example: "prameter weight: [width]",
        remedy: """
          Use the suggested word; `plumbline explain linear` shows a block with its members.
          """),
      Entry(
        "misplaced-member",
        """
        A line stands where its kind has no place: a weight inside `forward`, or a `config` inside a
        block.
        """,
        example: "forward(x: [T]) -> [T] { param scale: [T] }",
        remedy: "Move the line to the members of the block, or to the model."),
      Entry(
        "misplaced-expression",
        "An expression is right in itself, but has no meaning at this place.",
        example: "let x = [..., 4]",
        remedy: "Use it where the message says that it belongs."),
      Entry(
        "missing-expression",
        "A value was needed and nothing that begins one was found.",
        example: "let width =",
        remedy: "Write the value, or remove the line."),
      Entry(
        "missing-axes",
        "A pattern names no axes where those of an operand were needed.",
        example: "rearrange(x : -> b t)",
        remedy: "Write the axes of the operand: `rearrange(x : b t -> t b)`."),
      Entry(
        "missing-else",
        """
        An `if` is used as a value and has only one branch, so that it would sometimes have no
        value.
        """,
        example: "x = if causal { mask(x) }",
        remedy: "Add `else { … }`."),
      Entry(
        "missing-value",
        "A branch that is used as a value ends without one.",
        example: "x = if causal { y = mask(x) } else { x }",
        remedy: "Let the last line of the branch be the value."),
      Entry(
        "unused-value",
        "A line of `forward` computes a value that has no name and is not returned.",
        example: "linear(x)",
        remedy: "Name it with `x = …`, return it, or remove the line."),
      Entry(
        "unexpected-let",
        "A tensor is bound with `let`, which names only static things.",
        example: "forward(x: [T]) -> [T] { let y = relu(x) }",
        remedy: "Remove `let` inside `forward`."),
      Entry(
        "single-equals",
        "One `=` stands where two values are compared.",
        example: "require width % heads = 0",
        remedy: "Write `==`."),
      Entry(
        "double-equals",
        "`==` stands where a name gets its value.",
        example: "let width == 768",
        remedy: "Write `=`."),
      Entry(
        "chained-comparison",
        "Two comparisons are written in a row, which the language does not have.",
        example: "require 1 <= heads <= 64",
        remedy: "Join two comparisons with `&&`."),
      Entry(
        "colon-in-config",
        "A field of `config` has a colon where its value begins.",
        example: "config width: 768",
        remedy: "Write `width = 768`, or `width: Int = 768` with a type."),
      Entry(
        "label-needs-colon",
        """
        An argument is labelled with `=`; labels have a colon, only sizes of pattern axes have `=`.
        """,
        example: "softmax_layer(x, causal = true)",
        remedy: "Write `causal: true`."),
      Entry(
        "pattern-needs-space",
        "A pattern follows its operand without a space before the colon, which makes it a label.",
        example: "softmax(s: b t [s])",
        remedy: "Write a space before the colon: `softmax(s : b t [s])`."),
      Entry(
        "one-index",
        "More or fewer than one index stands in brackets after a list.",
        example: "h[0, 1]",
        remedy: "Use one index; lists have one axis."),
      Entry(
        "repeated-clause",
        "A clause of a line is written twice.",
        example: "h except a except b",
        remedy: "Keep one, and separate what it lists with commas."),
    ]
  }
}
