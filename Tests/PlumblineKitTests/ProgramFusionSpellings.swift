// ProgramFusionSpellings: the spellings that ProgramFusionTests tries.
// Taken from how people write these layers, and from what almost is such a layer.
import Execution

private let scores = "scores = einsum(q, k : b h t d, b h s d -> b h t s)"
private let mix = "mixed = einsum(weights, v : b h t s, b h s d -> b h t d)"
private let rows = "rows = rearrange(iota(T) : t -> t 1)"
private let columns = "columns = rearrange(iota(T) : s -> 1 s)"

extension ProgramFusionTests {
  static let attentions: [Spelling] = [
    .attention(
      "as GPT-2's file has it",
      """
      \(scores) / sqrt(width / heads)
      weights = softmax(mask_future(scores) : b h t [s])
      \(mix)
      """, causal: 1),
    .attention(
      "no scale and no mask",
      """
      \(scores)
      weights = softmax(scores : b h t [s])
      \(mix)
      """),
    .attention(
      "queries scaled before, keys turned before, other names, ellipses",
      """
      turned  = rearrange(k : b h s d -> b h d s)
      scores  = einsum(0.5 * q, turned : ... i c, ... c j -> ... i j)
      weights = softmax(mask_future(scores) : ... [j])
      mixed   = einsum(weights, v : ... i j, ... j c -> ... i c)
      """, causal: 1),
    .attention(
      "operands the other way round, scaled twice and negated twice",
      """
      scores  = -(einsum(k, q : b h s d, b h t d -> b h t s) / -4)
      scores  = 3 * mask_future(scores)
      weights = softmax(scores : b h t [s])
      mixed   = einsum(v, weights : b h s d, b h t s -> b h t d)
      """, causal: 1),
    .attention(
      "heads behind positions, as flax has it",
      """
      asked   = rearrange(q : b h t d -> b t h d)
      offered = rearrange(k : b h t d -> b t h d)
      carried = rearrange(v : b h t d -> b t h d)
      scores  = einsum(asked, offered : b i h d, b j h d -> b h i j) * 0.5
      weights = softmax(mask_future(scores) : b h i [j])
      turned  = einsum(weights, carried : b h i j, b j h d -> b i h d)
      mixed   = rearrange(turned : b t h d -> b h t d)
      """, causal: 1),
    .attention(
      "weights with the keys first",
      """
      scores  = einsum(k, q : b h s d, b h t d -> b h s t) * 0.5
      weights = softmax(scores : b h [s] t)
      turned  = rearrange(weights : b h s t -> b t h s)
      mixed   = einsum(turned, v : b t h s, b h s d -> b h t d)
      """),
    .attention(
      "later keys hidden by a large number, compared the other way",
      """
      \(scores) * 0.5
      \(rows)
      \(columns)
      weights = softmax(
        where(compare(rows, columns, relation: "greater_equal"), scores, -1e9) : b h t [s])
      \(mix)
      """, causal: 1),
    .attention(
      "later keys hidden by the inverted mask, positions shifted",
      """
      \(scores) * 0.5
      \(rows)
      \(columns)
      later   = compare(columns - 1, rows, relation: "greater_equal")
      weights = softmax(where(later, -inf, scores) : b h t [s])
      \(mix)
      """, causal: 1),
    .attention(
      "later keys hidden by a difference of positions and a `not`",
      """
      \(scores) * 0.5
      \(rows)
      \(columns)
      early   = not(compare(rows - columns, 0, relation: "less"))
      weights = softmax(where(early, scores, -inf) : b h t [s])
      \(mix)
      """, causal: 1),
    .attention(
      "later keys hidden by a sum with -infinity, before the scale",
      """
      \(rows)
      \(columns)
      hidden  = where(compare(columns, rows, relation: "less_equal"), 0, -inf)
      \(scores)
      weights = softmax((scores + hidden) * 0.5 : b h t [s])
      \(mix)
      """, causal: 1),
    .attention(
      "a window of keys",
      """
      \(scores) * 0.5
      \(rows)
      \(columns)
      early   = compare(columns, rows, relation: "less_equal")
      near    = compare(columns + 3, rows, relation: "greater")
      weights = softmax(where(logical(early, near, kind: "and"), scores, -inf) : b h t [s])
      \(mix)
      """, causal: 1, masks: 1),
    .attention(
      "one key too many is no causal mask",
      """
      \(scores) * 0.5
      \(rows)
      \(columns)
      early   = compare(columns, rows + 1, relation: "less_equal")
      weights = softmax(where(early, scores, -inf) : b h t [s])
      \(mix)
      """, masks: 1),
    .attention(
      "padded keys and later ones; the first key is always seen",
      """
      \(scores) * 0.5
      first   = compare(iota(T), 0, relation: "equal")
      kept    = compare(rearrange(keep : b s -> b 1 1 s), 0, relation: "not_equal")
      scores  = where(logical(kept, first, kind: "or"), scores, -inf)
      weights = softmax(mask_future(scores) : b h t [s])
      \(mix)
      """, causal: 1, masks: 1),
    .attention(
      "padded keys hidden by a large number: without any key all count the same",
      """
      \(scores) * 0.5
      kept    = compare(rearrange(keep : b s -> b 1 1 s), 0, relation: "not_equal")
      weights = softmax(where(kept, scores, -1e9) : b h t [s])
      \(mix)
      """, masks: 1),
    .attention(
      "padded and later keys hidden by one large number",
      """
      \(scores) * 0.5
      \(rows)
      \(columns)
      kept    = compare(rearrange(keep : b s -> b 1 1 s), 0, relation: "not_equal")
      early   = compare(columns, rows, relation: "less_equal")
      weights = softmax(where(logical(kept, early, kind: "and"), scores, -1e9) : b h t [s])
      \(mix)
      """, masks: 1),
    .attention(
      "a slope for each head, learnt (Press et al. 2022), between scale and mask",
      """
      \(scores) * 0.5
      \(rows)
      \(columns)
      distance = cast(columns - rows, to: "f32")
      bias     = rearrange(slope : h -> h 1 1) * distance
      weights  = softmax(mask_future(scores + bias) : b h t [s])
      \(mix)
      """, causal: 1, masks: 1),
    .attention(
      "a bias that is subtracted before the scale, and a mask with turned axes",
      """
      scores  = einsum(q, k : b h t d, b h s d -> b t h s)
      slopes  = rearrange(slope : h -> h 1) * cast(iota(T), to: "f32")
      scores  = (scores - slopes) * 0.5
      kept    = compare(rearrange(keep : b s -> b 1 1 s), 7, relation: "not_equal")
      weights = softmax(where(kept, scores, -inf) : b t h [s])
      mixed   = einsum(weights, v : b t h s, b h s d -> b h t d)
      """, masks: 2),
    .attention(
      "softmax spelled out",
      """
      \(scores) * 0.5
      largest = rearrange(max(scores : b h t [s]) : b h t -> b h t 1)
      powers  = exp(scores - largest)
      weights = powers / rearrange(sum(powers : b h t [s]) : b h t -> b h t 1)
      \(mix)
      """, found: [.attention: 1, .softmax: 1]),
    .attention(
      "one head of keys and values for all queries",
      """
      one     = slice(k, axis: 1, from: 0, to: 1)
      key     = rearrange(one : b 1 s d -> b s d)
      first   = slice(v, axis: 1, from: 0, to: 1)
      carried = rearrange(first : b 1 s d -> b s d)
      scores  = einsum(q, key : b h t d, b s d -> b h t s) * 0.5
      weights = softmax(mask_future(scores) : b h t [s])
      mixed   = einsum(weights, carried : b h t s, b s d -> b h t d)
      """, causal: 1),
    .attention(
      "grouped heads: keys repeated",
      """
      first   = slice(k, axis: 1, from: 0, to: 1)
      keys    = rearrange(broadcast(first : b g s d -> b g r s d, r = heads) : b g r s d -> b (g r) s d)
      scores  = einsum(q, keys : b h t d, b h s d -> b h t s) * 0.5
      weights = softmax(mask_future(scores) : b h t [s])
      \(mix)
      """, causal: 1),
    .attention(
      "grouped heads: an axis of queries only",
      """
      grouped = rearrange(q : b (g r) t d -> b g r t d, r = heads)
      first   = slice(k, axis: 1, from: 0, to: 1)
      carried = slice(v, axis: 1, from: 0, to: 1)
      scores  = einsum(grouped, first : b g r t d, b g s d -> b g r t s) * 0.5
      weights = softmax(mask_future(scores) : b g r t [s])
      split   = einsum(weights, carried : b g r t s, b g s d -> b g r t d)
      mixed   = rearrange(split : b g r t d -> b (g r) t d)
      """, causal: 1),
  ]

  static let others: [Spelling] = [
    .attention(
      "weights that are read twice",
      """
      \(scores) * 0.5
      weights = softmax(mask_future(scores) : b h t [s])
      \(mix) + sum(weights : b h t [s])[0]
      """.replacing(
        "+ sum(weights : b h t [s])[0]",
        with: "+ rearrange(sum(weights * weights : b h t [s]) : b h t -> b h t 1)"), found: [:]),
    .attention(
      "scores that are read twice",
      """
      \(scores) * 0.5
      weights = softmax(scores : b h t [s])
      \(mix) + rearrange(max(scores : b h t [s]) : b h t -> b h t 1)
      """, found: [:]),
    .attention(
      "softmax over the queries",
      """
      \(scores) * 0.5
      weights = softmax(scores : b h [t] s)
      \(mix)
      """, found: [:]),
    .attention(
      "keys that a small number does not hide",
      """
      \(scores) * 0.5
      kept    = compare(rearrange(keep : b s -> b 1 1 s), 0, relation: "not_equal")
      weights = softmax(where(kept, scores, -3) : b h t [s])
      \(mix)
      """, found: [:]),
    .attention(
      "scores that are multiplied by a weight",
      """
      \(scores) * rearrange(slope : h -> h 1 1)
      weights = softmax(mask_future(scores) : b h t [s])
      \(mix)
      """, found: [:]),
    .attention(
      "a mask under a negative scale",
      """
      \(scores) * 0.5
      weights = softmax(-where(compare(scores, 0, relation: "less"), scores, 1e9) : b h t [s])
      \(mix)
      """, found: [:]),
  ]
}

private let six = "param weight: [width] = ones\n  param bias: [width] = zeros"
private let square = "param weight: [width, width] = normal(0.5)"
private let centre = """
  middle  = rearrange(mean(x : b t [d]) : b t -> b t 1)
  centred = x - middle
  """

extension ProgramFusionTests {
  static let layers: [Spelling] = [
    .layer(
      "a linear layer by einsum", "y = einsum(x, weight : b t i, o i -> b t o)",
      parameters: square, found: [.affine: 1]),
    .layer(
      "stored the other way, operands swapped, with a bias before it",
      "y = bias + einsum(weight, x : i o, ... i -> ... o)",
      parameters: square + "\nparam bias: [width] = zeros", found: [.affine: 1]),
    .layer(
      "a turned weight", "y = einsum(x, rearrange(weight : o i -> i o) : b t i, i o -> b t o)",
      parameters: square, found: [.affine: 1]),
    .layer(
      "columns in two axes, and back",
      """
      wide = einsum(x, up : b t c, c h d -> b h t d)
      y    = einsum(wide, down : b h t d, h d c -> b t c)
      """,
      parameters: """
        param up: [width, 2, 5] = normal(0.5)
        param down: [2, 5, width] = normal(0.5)
        """, found: [.affine: 2]),
    .layer(
      "a bias after a layer without one", "y = affine(x, weight) + bias",
      parameters: square + "\nparam bias: [width] = zeros",
      found: [.affine: 1]),
    .layer(
      "a bias of each position is none", "y = einsum(x, weight : b t i, o i -> b t o) + x",
      parameters: square, found: [.affine: 1]),
    .layer(
      "a weight for each feature is no matrix",
      "y = einsum(x, weight : b t d, d -> b t d)", parameters: "param weight: [width] = ones",
      found: [:]),
    .layer(
      "a product of two activations is no layer",
      """
      mixed = einsum(x, x : b t d, b s d -> b t s)
      y     = einsum(mixed, x : b t s, b s d -> b t d)
      """, found: [:]),
    .layer(
      "layer norm as torch's documentation has it",
      """
      \(centre)
      spread  = mean(centred * centred : b t [d])
      y = centred / rearrange(sqrt(spread + 1e-5) : b t -> b t 1) * weight + bias
      """, parameters: six, found: [.layerNormalize: 1]),
    .layer(
      "layer norm with a power, a reciprocal and sums",
      """
      middle  = rearrange(sum(x : b t [d]) / width : b t -> b t 1)
      centred = x - middle
      total   = sum(power(centred, 2) : b t [d])
      inverse = power(rearrange(total : b t -> b t 1) / width + 1e-3, -0.5)
      y = bias + weight * (inverse * centred)
      """, parameters: six, found: [.layerNormalize: 1]),
    .layer(
      "layer norm without bias, and bare",
      """
      \(centre)
      spread  = rearrange(mean(centred * centred : b t [d]) : b t -> b t 1)
      x = (centred * weight) * reciprocal(sqrt(spread + 1e-5))
      \(centre)
      spread  = rearrange(mean(centred * centred : b t [d]) : b t -> b t 1)
      y = centred / sqrt(spread + 1e-5)
      """, parameters: "param weight: [width] = ones", found: [.layerNormalize: 2]),
    .layer(
      "RMS norm",
      """
      inverse = 1 / sqrt(mean(x * x : b t [d]) + 1e-6)
      y = weight * (x * rearrange(inverse : b t -> b t 1))
      """, parameters: "param weight: [width] = ones", found: [.rmsNormalize: 1]),
    .layer(
      "a spread that is read twice, and one over the wrong axis",
      """
      inverse = rearrange(1 / sqrt(mean(x * x : b t [d]) + 1e-6) : b t -> b t 1)
      y = x * inverse + inverse
      other = rearrange(1 / sqrt(mean(y * y : b [t] d) + 1e-6) : b d -> b 1 d)
      y = y * other
      """, found: [:]),
    .layer(
      "an epsilon beside the root is another function",
      """
      \(centre)
      spread  = rearrange(mean(centred * centred : b t [d]) : b t -> b t 1)
      y = centred / (sqrt(spread) + 1e-5)
      """, found: [:]),
    .layer(
      "GELU by tanh, as GPT-2's code has it",
      "y = 0.5 * x * (1 + tanh(sqrt(2 / 3.141592653589793) * (x + 0.044715 * power(x, 3))))",
      found: [.geluTanh: 1]),
    .layer(
      "GELU by tanh, factored and spread out",
      """
      inner = 0.7978845608028654 * x * (1 + 0.044715 * x * x)
      y = x * tanh(inner) / 2 + 0.5 * x
      """, found: [.geluTanh: 1]),
    .layer(
      "GELU by tanh, through a sigmoid",
      "y = x * sigmoid(1.5957691216057308 * (x + 0.044715 * x * x * x))",
      found: [.geluTanh: 1]),
    .layer(
      "GELU by erf", "y = x * 0.5 * (1 + erf(x / sqrt(2)))", found: [.gelu: 1]),
    .layer(
      "SiLU in three ways",
      """
      x = x * sigmoid(x)
      x = x / (1 + exp(-x))
      y = reciprocal(exp(-x) + 1) * x
      """, found: [.silu: 3]),
    .layer(
      "almost GELU, almost SiLU",
      """
      x = 0.5 * x * (1 + tanh(0.79 * (x + 0.044715 * power(x, 3))))
      x = x * sigmoid(1.702 * x)
      x = x * 0.5 * (1 + erf(x))
      y = x / (2 + exp(-x))
      """, found: [:]),
    .layer(
      "softmax by a product, over another axis",
      """
      powers = exp(x - rearrange(max(x : b [t] d) : b d -> b 1 d))
      y = powers * rearrange(reciprocal(sum(powers : b [t] d)) : b d -> b 1 d)
      """, found: [.softmax: 1]),
    .layer(
      "a quotient of exponentials with the wrong sum",
      """
      powers = exp(x - rearrange(max(x : b t [d]) : b t -> b t 1))
      y = powers / rearrange(sum(powers : b [t] d) : b d -> b 1 d)
      """, found: [:]),
  ]
}
