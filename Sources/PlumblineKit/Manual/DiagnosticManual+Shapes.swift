// DiagnosticManual+Shapes: shapes and types of tensors.
// What is proved of every tensor, and the faults of operations that become diagnostics.

extension DiagnosticManual {
  static var shapes: [Entry] {
    [
      Entry(
        "shape-mismatch",
        "Two shapes that must agree differ, or can't be proved equal for every size.",
        example: "linear(1_024, 1_024) applied to [B, T, 768]",
        remedy: """
          Follow the derivation of each size back to its source; change the one that is wrong. If both
          are meant, `require` them equal.
          """),
      Entry(
        "rank-mismatch",
        "A tensor has more or fewer axes than are needed.",
        example: "softmax(x : b t [s]) with x of two axes",
        remedy: "Name every axis in the pattern; use `rearrange` to add or merge axes."),
      Entry(
        "result-mismatch",
        "A `forward` returns another shape than its signature promises.",
        example: "forward(x: [B, T, 8]) -> [B, T, 8] that returns [B, T, 16]",
        remedy: """
          Correct the signature or the computation; the facts show where each size comes from.
          """),
      Entry(
        "annotation-mismatch",
        "The type written after a name differs from the type of its value.",
        example: "x: [B, T, 768] = wte(tokens), a table of width 1_024",
        remedy: "Annotations are checked and never trusted: correct the annotation or the value."),
      Entry(
        "wrong-result-count",
        "More or fewer results are returned or named than there are.",
        example: "q, k = attention(x)",
        remedy: "Name each result once; compare with the signature."),
      Entry(
        "cannot-unpack",
        "Several names are given to one tensor whose first axis has another size.",
        example: "q, k, v = x with x of shape [2, B, T]",
        remedy: """
          Give the first axis the size of the list of names, for instance with `rearrange`.
          """),
      Entry(
        "wrong-element-type",
        "A tensor holds another kind of element than is needed: real, integer or boolean.",
        example: "wte(x) with x of f32",
        remedy: "Use a tensor of the right kind, or `cast` it."),
      Entry(
        "element-mismatch",
        "Two operands hold different element types; nothing is converted silently.",
        example: "x + mask with x of f32 and mask of i32",
        remedy: "Convert one with `cast(mask, to: \"f32\")`."),
      Entry(
        "element-kind",
        "The element type can't hold what is asked of it.",
        example: "iota(T, element: \"bool\")",
        remedy: "Ask for a type of numbers."),
      Entry(
        "operand-kind",
        "An operand holds another kind of element than the operation takes.",
        example: "gather(weight, x) with x of real numbers",
        remedy: "Convert it with `cast`, or compare to get booleans."),
      Entry(
        "operand-count",
        "An operation gets more or fewer operands than it takes.",
        example: "add(x)",
        remedy: "Compare with `plumbline explain` of the operation."),
      Entry(
        "shapes-do-not-broadcast",
        "Two sizes of element-wise operands are neither proved equal nor one of them 1.",
        example: "x + y with shapes [B, T, 768] and [B, 768]",
        remedy: "Insert an axis of size one: `rearrange(y : b c -> b 1 c)`."),
      Entry(
        "not-divisible",
        "An axis can't be split, because its size is not proved to be a multiple.",
        example: "rearrange(x : b (h d) -> b h d, h = 7) with an axis of 768",
        remedy: "Choose a divisor, or `require` that it divides."),
      Entry(
        "size-mismatch",
        "An axis of a pattern has two sizes, or another one than it is given.",
        example: "einsum(a, b : m k, k n -> m n) with inner axes 4 and 8",
        remedy: "Check the order of the axes; name axes differently when they are not the same."),
      Entry(
        "negative-size",
        "A size can't be proved to be zero or more for every admitted input.",
        example: "slice to T - 8 with T >= 1",
        remedy: "Bound the dimension: `dim T >= 8`."),
      Entry(
        "index-out-of-range",
        """
        A table is asked for a row that it does not have, for some admitted input; the witness names
        one.
        """,
        example: "wpe(iota(T)) with 1_024 rows and T up to 2_048",
        remedy: "Bound the dimension by the table: `T in 1...context`; or enlarge the table."),
      Entry(
        "axis-out-of-range",
        "An axis number is not among the axes of the tensor; they count from zero.",
        example: "concatenate(a, b, axis: 3) of tensors with two axes",
        remedy: "Use a number below the count of axes."),
      Entry(
        "slice-out-of-range",
        "A slice can't be proved to lie inside its axis.",
        example: "slice(x, axis: 1, from: 0, to: T + 1)",
        remedy: """
          Keep 0 <= from <= to <= size; bound the dimension if it is the input that decides.
          """),
      Entry(
        "value-out-of-range",
        "A constant does not fit the element type.",
        example: "fill(300, [T], element: \"bool\")",
        remedy: "Use a wider element type or another constant."),
      Entry(
        "unexpected-pattern",
        "An operation or layer that takes no pattern is given one.",
        example: "relu(x : b t)",
        remedy: "Remove the pattern."),
      Entry(
        "missing-pattern",
        "An operation that needs a pattern has none.",
        example: "softmax(x)",
        remedy: "Write the axes after the operand: `softmax(x : b t [s])`."),
      Entry(
        "wrong-pattern",
        "A pattern has an arrow where none belongs, or none where one is needed.",
        example: "softmax(x : b t s -> b t)",
        remedy: "Compare with the shapes that `plumbline explain` prints for the operation."),
      Entry(
        "pattern-form",
        "A pattern has more or fewer axis lists than the operation takes.",
        example: "rearrange(x : a, b -> a b)",
        remedy: "Write one list for each operand, and the result after the arrow."),
      Entry(
        "pattern-item",
        "An axis list holds something that this operation does not understand there.",
        example: "sum(x : b (h d))",
        remedy: "Use plain names, or split the axis with `rearrange` first."),
      Entry(
        "repeated-axis",
        "An axis stands twice in one list.",
        example: "rearrange(x : t t -> t)",
        remedy: "Give each axis a name of its own."),
      Entry(
        "unknown-axis",
        "The result of a pattern names an axis that no operand has.",
        example: "rearrange(x : b t -> b t c)",
        remedy: "Give new axes a size, or correct the name."),
      Entry(
        "dropped-axis",
        "An axis of the operand is missing in the result; nothing is summed silently.",
        example: "rearrange(x : b t c -> b t)",
        remedy: "Keep the axis, or reduce it with `sum` or `mean`."),
      Entry(
        "axis-order",
        "The axes that are kept stand in another order in the result.",
        example: "broadcast(x : a b -> b a c)",
        remedy: "Keep the order, and reorder with `rearrange`."),
      Entry(
        "ellipsis-dropped",
        "An operand has `...` and the result does not.",
        example: "rearrange(x : ... c -> c)",
        remedy: "Repeat `...` in the result."),
      Entry(
        "unknown-size",
        "A pattern leaves an axis without a size, or a group with two of them.",
        example: "rearrange(x : b (h d) -> b h d)",
        remedy: "Give all but one axis of the group a size: `h = heads`."),
      Entry(
        "unexpected-size",
        "A size is given to an operation whose pattern takes none.",
        example: "softmax(x : b [s], s = 4)",
        remedy: "Remove it."),
      Entry(
        "no-bracket",
        "A reduction does not say which axis it works on.",
        example: "softmax(x : b t s)",
        remedy: "Put the axis in brackets: `b t [s]`."),
      Entry(
        "several-axes",
        "More than one axis is in brackets where one is needed.",
        example: "softmax(x : b [t s])",
        remedy: "Merge the axes first, or work on one."),
      Entry(
        "missing-attribute",
        "An operation needs an attribute that is not given.",
        example: "cast(x)",
        remedy: "Give it by label: `cast(x, to: \"f32\")`."),
      Entry(
        "unknown-attribute",
        "An operation is given an attribute that it does not have.",
        example: "relu(x, slope: 0.1)",
        remedy: "Remove it; `plumbline explain` lists the attributes."),
      Entry(
        "attribute-kind",
        "An attribute has a value of another kind than it takes.",
        example: "slice(x, axis: \"b\", from: 0, to: 1)",
        remedy: "Give a value of the kind that the message names."),
      Entry(
        "epsilon-out-of-range",
        "The epsilon of a normalisation is negative or not finite.",
        example: "layer_normalize(x, w, epsilon: -1e-5)",
        remedy: "Use a small positive number, such as 1e-5."),
      Entry(
        "scale-out-of-range",
        "The scale of attention is not a finite number.",
        example: "a scale of 1 / 0",
        remedy: "Use a finite number, usually 1 / sqrt(head width)."),
      Entry(
        "base-out-of-range",
        "The base of rotary positions is not a positive finite number.",
        example: "rotary(x, base: 0)",
        remedy: "Use the base of the checkpoint, usually 10_000."),
      Entry(
        "odd-width",
        "Rotary positions turn pairs, and the width can't be proved even.",
        example: "rotary(x) with a last axis of 63",
        remedy: "Use an even head width."),
      Entry(
        "causal-without-keys",
        "A causal mask has more queries than keys, so that some query would see nothing.",
        example: "attention of T queries over S keys with causal: true",
        remedy: """
          Use a causal mask only where queries and keys have one length, or bound S from below by T.
          """),
      Entry(
        "masks-out-of-order",
        "An attention operation is given a mask or a bias after its bias.",
        example: "scaled_dot_product_attention(q, k, v, bias, mask)",
        remedy: "Give the mask first and the bias last; add two biases before you pass them."),
      Entry(
        "missing-bias",
        "The gradient of attention by its bias is asked for, but no bias was given.",
        example: "scaled_dot_product_attention_gradient(q, k, v, y, dy, bias_gradient: true)",
        remedy: "Pass the bias as the last operand, or ask for no gradient by it."),
      Entry(
        "count-out-of-range",
        "An axis is cut into fewer than one or too many parts.",
        example: "unstack(x, count: 0)",
        remedy: "Use a count between 1 and 65_536."),
      Entry(
        "unknown-reduction",
        "A loss is reduced in a way that does not exist.",
        example: "cross_entropy(x : b [v], y, reduction: \"none\")",
        remedy: "Use \"mean\" or \"sum\"."),
      Entry(
        "unknown-relation",
        "A comparison is asked for by a name that does not exist.",
        example: "compare(a, b, relation: \"lt\")",
        remedy: "Use one of the names that the message lists."),
      Entry(
        "unknown-role",
        "A product is said to be for something that no counting tool tells apart.",
        example: "einsum(a, b : m k, k n -> m n, role: \"mm\")",
        remedy: "Use one of the words that the message lists, or leave the role out."),
      Entry(
        "unknown-function",
        "An activation is asked for that does not exist.",
        example: "the gradient of an activation named \"geluu\"",
        remedy: "Use one of the names that the message lists."),
      Entry(
        "unknown-kind",
        "An operation has variants, and this is none of them.",
        example: "a logical operation of kind \"xor\"",
        remedy: "Use one of the words that the message lists."),
      Entry(
        "no-result",
        "An operation that gives several gradients is asked for none of them.",
        example: "the gradient of attention with nothing wanted",
        remedy: "Ask for at least one, or leave the operation out."),
      Entry(
        "unknown-operation",
        "A program in text form names an operation that the catalogue does not have.",
        example: "%2 = frobnicate %1",
        remedy: "Correct the name; `plumbline explain` knows every operation."),
      Entry(
        "malformed-text",
        "The text form of an operation can't be read back.",
        example: "einsum{pattern=}",
        remedy: "Write it as the printer does."),
    ]
  }
}
