// VerificationMutationTests: one rule broken at a time, and the item that notices.
// A verification that accepts one of these would accept the mistake.
import Analysis
import Dimensions
import IR
import Kernels
import PlumblineKit
import Testing
import Training

@Suite struct VerificationMutationTests {
  /// A broken rule and where it must show.
  struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    /// The section, and a part of the item's name.
    var section: String
    var item: String
    var verify: @Sendable (Bench) throws -> VerificationReport

    init(
      _ name: String, _ section: String, _ item: String,
      _ verify: @escaping @Sendable (Bench) throws -> VerificationReport
    ) {
      self.name = name
      self.section = section
      self.item = item
      self.verify = verify
    }

    var testDescription: String { name }
  }

  /// The model, and the two sides of a verification that a case may change.
  struct Bench: Sendable {
    let program: Program
    let plan: StepPlan
    let sizes: [Symbol: Int] = [Symbol("B"): 2, Symbol("T"): 5]
    let verifier = Verifier(VerificationOptions(seed: 7, gradientBudget: 4e6))

    init() throws {
      let model = try #require(try VerificationSamples.tiny().model)
      program = model.program
      plan = StepPlan(model.plan)
    }

    /// A rule that both sides hold.
    func broken(
      _ operation: String, _ rule: BrokenRule
    ) throws -> VerificationReport {
      try verifier.verify(program.breaking(operation, rule), plan: plan)
    }

    /// A rule of the analysed side only.
    func analysing(
      _ program: Program, _ change: (inout StepProgram) -> Void = { _ in }
    ) throws -> VerificationReport {
      var analysed = try StepProgram(program)
      change(&analysed)
      return try verifier.verify(
        analysed: analysed, executed: try StepProgram(self.program), plan: plan, sizes: sizes)
    }

    /// A prediction or a record that is changed before the two meet.
    func meeting(
      planned: StepPlan? = nil,
      _ change: (inout StepPrediction, inout StepRecord<Float>) throws -> Void = { _, _ in }
    ) throws -> VerificationReport {
      let step = try StepProgram(program)
      var prediction = try StepPrediction(step, sizes: sizes, plan: plan)
      var record = try StepRecord<Float>(
        running: step, plan: planned ?? plan, seed: 7, sizes: sizes)
      try change(&prediction, &record)
      return verifier.report(
        on: program, sizes, [], Reconciliation(prediction, record).sections)
    }
  }

  @Test("nothing differs as long as nothing is broken")
  func control() throws {
    let bench = try Bench()
    let whole = try bench.verifier.verify(bench.program, plan: bench.plan)
    #expect(whole.agrees, "\(VerificationText(whole).text)")
    #expect(try bench.meeting().agrees)
    #expect(try bench.analysing(bench.program).agrees)
    // What breaks nothing is wrapped all the same.
    #expect(try bench.broken("affine", BrokenRule()).agrees)
  }

  @Test(
    "a broken rule is noticed, by the right item", arguments: shapes + costs + gradients + steps)
  func noticed(_ mutant: Case) throws {
    let report = try mutant.verify(try Bench())
    #expect(!report.agrees)
    let section = try #require(report[mutant.section], "there is no section \(mutant.section)")
    let named = section.differences.first { $0.name.contains(mutant.item) }
    #expect(named != nil, "\(VerificationText(report).text)")
    if let named {
      print(
        "\(mutant.name): noticed by \(section.id), \(named.name): "
          + "predicted \(named.predicted), observed \(named.observed)")
    }
  }

  static let shapes: [Case] = [
    Case("a shape rule that swaps two axes", "shapes-forward", "h.1.attn: weights = softmax") {
      try $0.analysing($0.program) {
        $0.program = $0.program.retyping("softmax") { $0.shape.swapAt(0, 1) }
      }
    },
    Case("a shape rule that is one row too long", "shapes-forward", "wte: gather") {
      try $0.analysing($0.program) {
        $0.program = $0.program.retyping("gather") { $0.shape[1] = $0.shape[1] + 1 }
      }
    },
    Case("an element kind that is not what is made", "shapes-forward", "iota") {
      try $0.analysing($0.program) {
        $0.program = $0.program.retyping("iota") { $0.element = .f32 }
      }
    },
    Case("a shape rule that the backward pass contradicts", "run", "the backward pass") {
      try $0.verifier.verify($0.program.retyping("softmax") { $0.shape.swapAt(0, 1) })
    },
    Case("a shape rule of a gradient", "shapes-backward", "softmax_gradient") { bench in
      try bench.analysing(bench.program) { step in
        step.program = step.program.retyping("softmax_gradient", backward: true) {
          $0.shape.swapAt(0, 1)
        }
      }
    },
    Case("a kernel that makes other extents", "shapes-forward", "gelu_tanh") {
      try $0.broken("gelu_tanh", BrokenRule(kernel: .flattened))
    },
    Case("a kernel whose extents stop the run", "run", "the step") {
      try $0.broken("softmax", BrokenRule(kernel: .flattened))
    },
    Case("a weight declared wider than it is", "parameters", "wte.weight") {
      try $0.analysing(
        $0.program.declaring("weight", in: "embedding") { $0.type.shape[0] = $0.type.shape[0] + 1 })
    },
    Case("a weight declared in the other layout", "parameters", "h.0.up.weight") {
      try $0.analysing(
        $0.program.declaring("weight", in: "linear") { $0.type.shape.swapAt(0, 1) })
    },
    Case("a total that misses a frozen weight", "gradients", "scale.weight") {
      try $0.analysing($0.program.declaring("weight", in: "scale") { $0.trainable = true })
    },
    Case("an optimiser that is thought to skip a weight", "optimiser", "norm.weight") {
      try $0.analysing($0.program.declaring("weight", in: "layer_norm") { $0.trainable = false })
    },
    Case("a weight under another name", "parameters", "h.1.up.scale") {
      try $0.analysing($0.program.declaring("weight", in: "linear") { $0.name = "scale" })
    },
  ]

  static let costs: [Case] = [
    Case("a FLOP rule that counts twice", "multiply-adds", "affine, forward") {
      try $0.broken("affine", BrokenRule(cost: { Cost(multiplyAdds: $0.multiplyAdds * 2) }))
    },
    Case("a FLOP rule that is off by one", "multiply-adds", "einsum, forward") {
      try $0.broken("einsum", BrokenRule(cost: { Cost(multiplyAdds: $0.multiplyAdds + 1) }))
    },
    Case("a FLOP rule that forgets the backward pass", "multiply-adds", "einsum, backward") {
      bench in
      try bench.analysing(bench.program) { step in
        step.program = step.program.breaking(
          "einsum", BrokenRule(cost: { _ in Cost() }), backward: true)
      }
    },
    Case("a kernel that does more than it has to", "multiply-adds", "gelu_tanh, forward") {
      try $0.broken("gelu_tanh", BrokenRule(kernel: .counting(1)))
    },
    Case("a repetition that the folded sum forgets", "unfolding", "forward multiply-adds") {
      try $0.meeting { prediction, _ in
        for (use, count) in prediction.multiplyAdds where use.phase == .forward {
          prediction.multiplyAdds[use] = count / 2
        }
      }
    },
    Case("a memory prediction that lets an output die", "live-bytes", "h.1.down: affine") {
      try $0.meeting { prediction, _ in
        var graph = prediction.graph
        graph.outputs.removeAll { $0.name == "logits" }
        prediction.memory = try MemoryPrediction(graph, sizes: prediction.sizes)
      }
    },
    Case("a memory prediction that halves an element", "memory", "peak of live values") {
      try $0.meeting { prediction, _ in
        var graph = prediction.graph
        for node in graph.nodes where node.operation.name == "affine" {
          graph.values[node.results[0]].type.element = .bf16
        }
        prediction.memory = try MemoryPrediction(graph, sizes: prediction.sizes)
      }
    },
    Case("a memory prediction with one moment", "totals", "optimiser bytes") {
      try $0.meeting { prediction, _ in
        prediction.memory = try MemoryPrediction(
          prediction.graph, sizes: prediction.sizes,
          optimiser: OptimiserState(moments: 1, width: 4))
      }
    },
  ]

  static let gradients: [Case] = [
    Case("a gradient that is one per cent too large", "differences", "h.0.up.weight") {
      try $0.broken("gelu_tanh", BrokenRule(gradients: .scaled(1.01)))
    },
    Case("a gradient that drops the residual", "differences", "wte.weight") {
      try $0.broken("add", BrokenRule(gradients: .dropped(0)))
    },
    Case("a gradient that never reaches its weights", "differences", "h.1.attn.mix.weight") {
      try $0.broken("softmax", BrokenRule(gradients: .dropped(0)))
    },
    Case("a weight that is thought to make no difference", "differences", "attn.out.bias") {
      try $0.broken("affine", BrokenRule(gradients: .dropped(2)))
    },
    Case("a gradient that is transposed", "differences", "h.0.attn.out.weight") {
      try $0.broken("affine", BrokenRule(gradients: .transposed(1)))
    },
    Case("a kernel that computes another function", "differences", "h.0.down") {
      try $0.broken("gelu_tanh", BrokenRule(kernel: .scaled(1.5)))
    },
  ]

  static let steps: [Case] = [
    Case("a loss that is twice what a guess costs", "first-loss", "first loss") {
      try $0.broken("cross_entropy", BrokenRule(kernel: .scaled(2)))
    },
    Case("a number that is none", "finite", "first loss") {
      try $0.broken("layer_normalize", BrokenRule(kernel: .notANumber))
    },
    Case("a rate that is one per cent too large", "moved", "wte.weight") { bench in
      var plan = bench.plan
      plan.optimiser.rate *= 1.01
      return try bench.meeting(planned: plan)
    },
    Case("a decay of what should not decay", "moved", "h.0.norm.weight") { bench in
      var plan = bench.plan
      plan.decay = nil
      plan.optimiser.decay = 0
      return try bench.meeting(planned: plan) { prediction, record in
        // The biases and norms of the record did not decay; here they are said to.
        prediction.plan.optimiser.decay = 0.1
        for index in prediction.tensors.indices {
          prediction.tensors[index].decays = prediction.tensors[index].name.contains("norm")
        }
      }
    },
    Case("a second moment with another memory", "moments", "wte.weight") { bench in
      var plan = bench.plan
      plan.optimiser.beta2 = 0.999
      return try bench.meeting(planned: plan)
    },
    Case("gradients that are not clipped", "moments", "wte.weight") { bench in
      var plan = bench.plan
      plan.clip = nil
      return try bench.meeting(planned: plan) { prediction, _ in
        prediction.plan.clip = 0.01
      }
    },
    Case("a step without bias correction", "moved", "h.1.up.bias") {
      try $0.meeting { _, record in
        for index in record.tensors.indices {
          let tensor = record.tensors[index]
          guard let first = tensor.first, let second = tensor.second else { continue }
          let moved = zip(tensor.before.reals, zip(first, second)).map { before, moments in
            before - 1e-3 * moments.0 / (moments.1.squareRoot() + 1e-8)
          }
          record.tensors[index].after?.payload = .real(moved)
        }
      }
    },
    Case("a weight that the step forgets", "moved", "wpe.weight") {
      try $0.meeting { _, record in
        for index in record.tensors.indices where record.tensors[index].name == "wpe.weight" {
          record.tensors[index].after = record.tensors[index].before
        }
      }
    },
    Case("a frozen weight that moves", "unmoved", "scale.weight") {
      try $0.meeting { _, record in
        for index in record.tensors.indices where record.tensors[index].name == "scale.weight" {
          var reals = record.tensors[index].before.reals
          reals[3] = reals[3].nextUp
          record.tensors[index].after?.payload = .real(reals)
        }
      }
    },
  ]
}

extension Program {
  /// The program with the results of one operation typed otherwise, where they are made.
  func retyping(
    _ name: String, backward: Bool = false, _ change: (inout TensorType) -> Void
  ) -> Program {
    func retyped(_ values: [Value], _ nodes: [Node]) -> [Value] {
      var values = values
      for node in nodes {
        guard case .operation(let operation) = node.kind, operation.name == name else { continue }
        for result in node.results { change(&values[result.index].type) }
      }
      return values
    }
    var result = self
    if backward {
      for index in derivatives.indices {
        result.derivatives[index].values = retyped(
          derivatives[index].values, derivatives[index].nodes)
      }
    } else {
      for index in functions.indices {
        result.functions[index].values = retyped(functions[index].values, functions[index].nodes)
      }
    }
    return result
  }
}
