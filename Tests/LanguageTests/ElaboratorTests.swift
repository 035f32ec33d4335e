// ElaboratorTests: what the constructs of the language mean, seen in the elaborated program.
// Mistakes have fixtures of their own; here every model is legal.
import Diagnostics
import Dimensions
import IR
import Language
import Testing

/// Elaborates a text that must be without any finding.
private func elaborate(
  _ text: String, overrides: [ConfigOverride] = [], allow: Set<String> = []
) throws -> ElaboratedModel {
  var library = ModuleLibrary(reader: { path, _ in
    path == "base.model" ? ModuleLibrary.ImportedText(path: path, text: baseFile) : nil
  })
  let file = library.load(path: "test.model", text: text)
  var elaborator = Elaborator(library: library, overrides: overrides)
  let (model, found) = elaborator.elaborate(file: file)
  let all = (library.diagnostics + found).filter { !allow.contains($0.id) }
  #expect(all.isEmpty, "\(TerminalRenderer(color: false).render(all, in: library.sources))")
  return try #require(model)
}

private let baseFile = """
  block body(width: Int, hidden: Int) {
    let up   = linear(width, hidden)
    let down = linear(hidden, width)
    forward(x: [B, T, width]) -> [B, T, width] {
      return x + down(relu(up(x)))
    }
  }

  model base {
    config width = 8, hidden = 4 * width, layers = 3, vocab = 11
    dim    B >= 1, T >= 1
    let wte = embedding(vocab, width)
    let h   = repeat layers body(width, hidden)
    forward(tokens: i32[B, T]) -> logits: [B, T, vocab] {
      return einsum(h(wte(tokens)), wte.weight : b t c, v c -> b t v)
    }
  }
  """

extension ElaboratedModel {
  fileprivate func names() throws -> [String] {
    try program.unfoldedParameters(limit: 10_000).map(\.name)
  }

  fileprivate func frozen() throws -> [String] {
    try program.unfoldedParameters(limit: 10_000).filter { !$0.declaration.trainable }.map(\.name)
  }
}

@Suite struct ElaboratorTests {
  @Test("a model may stand in the file that imports its base")
  func derives() throws {
    let model = try elaborate(
      """
      import "base.model"
      model wide = base { config width = 16 }
      """)
    #expect(model.program.name == "wide")
    // hidden = 4 * width follows the derived width.
    let up = try model.program.unfoldedParameters(limit: 100).first { $0.name == "h.0.up.weight" }
    #expect(up?.declaration.type.shape == [64, 16])
    #expect(up?.declaration.formula.map(\.description) == ["4·width", "width"])
  }

  @Test("an override wins over the file and over a derived model")
  func overrides() throws {
    let model = try elaborate(
      """
      import "base.model"
      model wide = base { config width = 16, layers = 2 }
      """,
      overrides: [ConfigOverride(name: "layers", value: .literal(1), range: nil)])
    #expect(try model.names().count == 5)
  }

  @Test("alike layers are one definition and one function")
  func shares() throws {
    let few = try elaborate("import \"base.model\"\nmodel m = base { config layers = 2 }")
    let many = try elaborate("import \"base.model\"\nmodel m = base { config layers = 2_000 }")
    #expect(few.program.definitions.count == many.program.definitions.count)
    #expect(few.program.functions.count == many.program.functions.count)
    #expect(ProgramValidator(many.program).problems == [])
  }

  @Test("repeat shared makes one layer that is applied several times")
  func repeatsShared() throws {
    let model = try elaborate(
      """
      import "base.model"
      model albert = base {
        let h = repeat shared layers body(width, hidden)
      }
      """)
    #expect(
      try model.names() == [
        "wte.weight", "h.up.weight", "h.up.bias", "h.down.weight", "h.down.bias",
      ])
  }

  @Test("layers may depend on their index, and alike neighbours stay one run")
  func dependsOnIndex() throws {
    let model = try elaborate(
      """
      block layer(width: Int, wide: Bool) {
        let up = linear(width, if wide { 2 * width } else { width })
        let down = linear(if wide { 2 * width } else { width }, width)
        forward(x: [B, width]) -> [B, width] { return down(up(x)) }
      }
      model m {
        config width = 4, layers = 6
        let h = repeat layers as i layer(width, i >= 4)
        forward(x: [B, width]) -> [B, width] { return h(x) }
      }
      """)
    let root = model.program[model.program.root]
    guard case .list(let runs, _) = root.children[0].content else {
      Issue.record("h is no list")
      return
    }
    #expect(runs.map(\.elements) == [0..<4, 4..<6])
    #expect(ProgramValidator(model.program).problems == [])
  }

  @Test("match and if choose on strings and booleans of the config")
  func chooses() throws {
    let text = """
      block act(kind: String) {
        forward(x: [B, 3]) -> [B, 3] {
          return match kind { "relu" => relu(x), "gelu" | "gelu_new" => gelu_tanh(x), else => x }
        }
      }
      model m {
        config kind = "gelu_new"
        let f = act(kind)
        forward(x: [B, 3]) -> [B, 3] { return f(x) }
      }
      """
    for (kind, name) in [("gelu_new", "gelu_tanh"), ("relu", "relu")] {
      let model = try elaborate(
        text, overrides: [ConfigOverride(name: "kind", value: .string(kind), range: nil)])
      let used = model.program.functions.flatMap(\.nodes).compactMap { node -> String? in
        if case .operation(let operation) = node.kind { operation.name } else { nil }
      }
      #expect(used.contains(name), "\(kind)")
    }
  }

  @Test("a layer passed to a block is shared, and its weight can get a second name")
  func passesLayers() throws {
    let model = try elaborate(
      """
      model m {
        config vocab = 11, width = 8
        let wte  = embedding(vocab, width)
        let head = tied_head(wte)
        forward(ids: i32[B]) -> logits: [B, vocab] { return head(wte(ids)) }
      }
      """)
    #expect(try model.names() == ["wte.weight"])
    let aliases = try model.program.unfoldedAliases(limit: 10)
    #expect(aliases.map(\.name) == ["head.weight"])
    #expect(ProgramValidator(model.program).problems == [])
  }

  @Test(
    "freeze marks weights by path",
    arguments: [
      ("freeze all", 13), ("freeze h", 12), ("freeze h[1]", 4), ("freeze *.bias", 6),
      ("freeze all except *.bias", 7), ("freeze h[0..<2].up", 4), ("freeze wte.weight", 1),
      ("freeze h[*].down.weight, wte", 4),
    ])
  func freezes(member: String, count: Int) throws {
    let model = try elaborate("import \"base.model\"\nmodel m = base {\n  \(member)\n}")
    #expect(try model.frozen().count == count)
  }

  @Test("adapt wraps layers in place: paths stay, the base is frozen, the adapter trains")
  func adapts() throws {
    let model = try elaborate(
      """
      import "base.model"
      adapter lora(rank: Int, alpha: Float) for base: linear {
        require 1 <= rank && rank <= min(base.in, base.out)
        param down: [rank, base.in] = kaiming_uniform
        param up: [base.out, rank] = zeros
        forward(x: [..., base.in]) -> [..., base.out] {
          low = einsum(x, down : ... i, r i -> ... r)
          return base(x) + (alpha / rank) * einsum(low, up : ... r, o r -> ... o)
        }
      }
      model tuned = base {
        freeze all
        adapt h[1..<3].up with lora(rank: 2, alpha: 4)
      }
      """)
    let trained = try model.program.unfoldedParameters(limit: 100).filter(\.declaration.trainable)
    #expect(
      trained.map(\.name) == [
        "h.1.up.down", "h.1.up.up", "h.2.up.down", "h.2.up.up",
      ])
    #expect(try model.names().contains("h.1.up.weight"))
    #expect(try model.names().contains("h.0.up.weight"))
    #expect(ProgramValidator(model.program).problems == [])
  }

  @Test("a block is elaborated for each kind of operand it meets")
  func specialises() throws {
    let model = try elaborate(
      """
      block cross(width: Int) {
        let q = linear(width, width)
        forward(x: [B, T, width], memory: [B, S, width]) -> [B, T, S] {
          return einsum(q(x), memory : b t c, b s c -> b t s)
        }
      }
      model m {
        config width = 4
        let a = cross(width)
        forward(x: [B, T, width], y: [B, S, width]) -> (own: [B, T, T], other: [B, T, S]) {
          return a(x, x), a(x, y)
        }
      }
      """)
    let a = model.program.functions.filter {
      model.program[$0.definition].block == "cross"
    }
    #expect(a.count == 2)
  }

  @Test("a training plan is numbers, and its loss a function of the program")
  func plans() throws {
    let model = try elaborate(
      """
      import "base.model"
      model m = base {}
      train m {
        batch     B = 8, T = 16, accumulate 4
        loss      next_token_loss(logits, labels: i32[B, T])
        optimizer adamw(rate: 2e-4, betas: (0.9, 0.95), decay: 0.1)
        decay     all except *.bias
        schedule  warmup 200 steps, then cosine to 2e-5 at step 10_000
        clip      global_norm 1.0
        seed      1337
      }
      """)
    let plan = try #require(model.plan)
    #expect(plan.tokensPerStep == 512)
    #expect(plan.optimizer?.betas == [0.9, 0.95])
    #expect(plan.schedule.map(\.kind) == ["warmup", "cosine"])
    #expect(plan.schedule.map(\.end) == [200, 10_000])
    #expect(plan.decay?.includes("h.0.up.weight") == true)
    #expect(plan.decay?.includes("h.0.up.bias") == false)
    let loss = try #require(model.program.loss)
    let function = model.program[loss]
    #expect(function.inputNames == ["tokens", "labels"])
    #expect(function.outputNames == ["logits", "loss"])
    #expect(function.type(of: function.outputs[1]) == TensorType(.f32, []))
    #expect(ProgramValidator(model.program).problems == [])
  }

  @Test("dimensions of a signature are known to be sizes, without a dim line")
  func introduces() throws {
    let model = try elaborate(
      """
      model m {
        forward(x: [N, M]) -> [M, N] { return rearrange(x : n m -> m n) }
      }
      """)
    #expect(model.program.dimensions.map(\.symbol.name) == ["N", "M"])
  }
}
