// VerificationSamples: models to verify, and ways to break one rule of one.
// A broken rule is broken in the program that is verified, never in what verifies it.
import Dimensions
import IR
import Kernels
import Operations
import PlumblineKit
import Testing

/// A small transformer in the language: every operation of GPT-2, and a frozen scale.
enum VerificationSamples {
  static let text = """
    block attention(width: Int, heads: Int) {
      let mix = linear(width, 3 * width)
      let out = linear(width, width)
      forward(x: [B, T, width]) -> [B, T, width] {
        q, k, v = rearrange(mix(x) : b t (3 h d) -> 3 b h t d, h = heads)
        scores  = einsum(q, k : b h t d, b h s d -> b h t s) / sqrt(width / heads)
        weights = softmax(mask_future(scores) : b h t [s])
        mixed   = einsum(weights, v : b h t s, b h s d -> b h t d)
        return out(rearrange(mixed : b h t d -> b t (h d)))
      }
    }
    block layer(width: Int, heads: Int) {
      let norm = layer_norm(width)
      let attn = attention(width, heads)
      let up   = linear(width, 2 * width)
      let down = linear(2 * width, width)
      forward(x: [B, T, width]) -> [B, T, width] {
        x = x + attn(norm(x))
        return x + down(gelu_tanh(up(x)))
      }
    }
    block scale(width: Int) {
      param weight: [width] = ones
      forward(x: [..., width]) -> [..., width] {
        return x * weight
      }
    }
    model base {
      config vocab = 23, width = 12, heads = 3, layers = 2
      dim    B >= 1, T in 1...16
      let wte   = embedding(vocab, width)
      let wpe   = embedding(16, width)
      let h     = repeat layers layer(width, heads)
      let scale = scale(width)
      forward(tokens: i32[B, T]) -> logits: [B, T, vocab] {
        x = wte(tokens) + wpe(iota(T))
        return einsum(scale(h(x)), wte.weight : b t c, v c -> b t v)
      }
    }
    model tiny = base {
      freeze scale
    }
    train tiny {
      batch     B = 2, T = 8
      loss      cross_entropy(logits : b t [v], targets: i32[B, T])
      optimizer adamw(rate: 1e-3, betas: (0.9, 0.95), epsilon: 1e-8, decay: 0.1)
      decay     all except *.bias, *.norm.weight
      clip      global_norm 1.0
    }
    """

  static func tiny() throws -> LoadedModel { try load(text) }

  static func load(_ text: String, _ settings: String...) throws -> LoadedModel {
    let loaded = Workspace.load(
      path: "sample.model", text: text, settings: settings.compactMap(Setting.init(parsing:)))
    try #require(
      !loaded.isUnsound, "\(loaded.diagnostics.map { "\($0.id): \($0.message)" })")
    return loaded
  }
}

/// What a broken operation does differently.
struct BrokenRule: Sendable {
  var cost: @Sendable (Cost) -> Cost = { $0 }
  var gradients: Gradients = .right
  var kernel: Kernel = .right

  /// The gradients of the operands.
  enum Gradients: Sendable {
    case right
    case scaled(Double)
    /// Without that of one operand.
    case dropped(Int)
    /// With that of one operand transposed, which shows only in its values when it is square.
    case transposed(Int)
  }

  /// The numbers that come out.
  enum Kernel: Sendable {
    case right
    case flattened
    case scaled(Double)
    case notANumber
    case counting(Int)
  }
}

/// An operation with one rule broken.
struct Broken<Base: Operation>: Operation {
  static var schema: OperationSchema { Base.schema }
  static var examples: [OperationExample] { Base.examples }

  private let base: Base
  private var rule = BrokenRule()

  init(_ attributes: Attributes) throws(Fault) {
    base = try Base(attributes)
  }

  init(_ base: Base, _ rule: BrokenRule) {
    self.base = base
    self.rule = rule
  }

  var attributes: Attributes { base.attributes }
  var keeps: KeptValues { base.keeps }

  func resultTypes(of operands: [TensorType], prover: Prover) throws(Fault) -> [TensorType] {
    try base.resultTypes(of: operands, prover: prover)
  }

  func cost(of operands: [TensorType], results: [TensorType]) -> Cost {
    rule.cost(base.cost(of: operands, results: results))
  }

  func gradient(
    _ builder: inout RegionBuilder, operands: [ValueID], results: [ValueID],
    cotangents: [ValueID?], wanted: [Bool]
  ) throws(Fault) -> [ValueID?] {
    var gradients = try base.gradient(
      &builder, operands: operands, results: results, cotangents: cotangents, wanted: wanted)
    switch rule.gradients {
    case .right: break
    case .dropped(let index): gradients[index] = nil
    case .scaled(let factor):
      for (index, gradient) in gradients.enumerated() {
        guard let gradient else { continue }
        gradients[index] = try builder.multiply(
          gradient, try builder.scalar(factor, like: gradient))
      }
    case .transposed(let index):
      guard let gradient = gradients[index], builder.shape(of: gradient).count == 2,
        builder.shape(of: gradient)[0] == builder.shape(of: gradient)[1]
      else { break }
      let (rows, columns) = (PatternAxis.name("r"), PatternAxis.name("c"))
      gradients[index] = try builder.emit(
        Rearrange(
          Attributes(pattern: Pattern(inputs: [[rows, columns]], output: [columns, rows]))),
        gradient)
    }
    return gradients
  }

  func valueRange(of operands: [TensorType], ranges: [IndexRange?]) -> IndexRange? {
    base.valueRange(of: operands, ranges: ranges)
  }

  func checkValues(
    of operands: [TensorType], ranges: [IndexRange?], prover: Prover
  ) throws(Fault) {
    try base.checkValues(of: operands, ranges: ranges, prover: prover)
  }

  func evaluate<Scalar: KernelScalar>(
    _ operands: [NDArray<Scalar>], in context: inout EvaluationContext
  ) throws(KernelFault) -> [NDArray<Scalar>] {
    var results = try base.evaluate(operands, in: &context)
    switch rule.kernel {
    case .right: break
    case .flattened:
      for index in results.indices { results[index].extents = [results[index].count] }
    case .scaled(let factor):
      for index in results.indices {
        results[index].payload = .real(results[index].reals.map { $0 * Scalar(factor) })
      }
    case .notANumber:
      for index in results.indices {
        var reals = results[index].reals
        if !reals.isEmpty { reals[reals.count - 1] = .nan }
        results[index].payload = .real(reals)
      }
    case .counting(let more): context.counter.multiplyAdds += more
    }
    return results
  }
}

extension Program {
  /// The program with a rule of one operation broken, wherever it is applied.
  func breaking(_ name: String, _ rule: BrokenRule, backward: Bool = false) -> Program {
    func broken(_ nodes: [Node]) -> [Node] {
      nodes.map { node in
        guard case .operation(let operation) = node.kind, operation.name == name else {
          return node
        }
        func wrap(_ base: some Operation) -> any Operation { Broken(base, rule) }
        var node = node
        node.kind = .operation(wrap(operation))
        return node
      }
    }
    var result = self
    for index in functions.indices where !backward {
      result.functions[index].nodes = broken(functions[index].nodes)
    }
    for index in derivatives.indices where backward {
      result.derivatives[index].nodes = broken(derivatives[index].nodes)
    }
    return result
  }

  /// The program with the first declaration of that name in a block changed.
  func declaring(
    _ name: String, in block: String, _ change: (inout ParameterDeclaration) -> Void
  ) -> Program {
    var result = self
    for index in definitions.indices where definitions[index].block == block {
      for place in definitions[index].parameters.indices
      where definitions[index].parameters[place].name == name {
        change(&result.definitions[index].parameters[place])
      }
    }
    return result
  }
}
