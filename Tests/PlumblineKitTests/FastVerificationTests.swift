// FastVerificationTests: what `verify` says of the fast path, and what it says of broken kernels.
// The plain half of a verification is tested in VerificationTests and VerificationMutationTests.
import IR
import Kernels
import PlumblineKit
import Testing

@testable import Execution

@Suite struct FastVerificationTests {
  private let program: Program
  private let planned: PlannedStep

  init() throws {
    program = try #require(try VerificationSamples.tiny().model).program
    planned = PlannedStep(
      program, sizes: try SampleSizes(program, given: [:]).sizes, plan: StepPlan(), threads: 2)
  }

  @Test("a sound model agrees on the fast path: arena, work, loss and gradients")
  func sound() throws {
    let report = try Verifier(VerificationOptions(gradientBudget: 1e5)).verify(program)
    #expect(report.agrees, "\(VerificationText(report).text)")
    for id in [
      "fast-run", "fast-weights", "fast-memory", "fast-loss", "fast-work", "fast-gradients",
    ] {
      #expect(report[id]?.checked ?? 0 > 0, "\(id)")
    }
    #expect(report["fast-kernels"] == nil)
    #expect(report["fast-memory"]?.note == "resident memory not measured")
  }

  @Test("with --full, kernels are compared one by one, each below a bound that it names")
  func full() throws {
    let report = try Verifier(VerificationOptions(full: true, gradientBudget: 1e5))
      .verify(program)
    #expect(report.agrees, "\(VerificationText(report).text)")
    let kernels = try #require(report["fast-kernels"])
    #expect(kernels.items.contains { $0.name == "gather, forward" })
    #expect(kernels.items.contains { $0.name.hasSuffix(", backward") })
    #expect(kernels.items.allSatisfy { $0.predicted.hasSuffix(" ulps") })
    #expect(report["fast-plain"]?.checked ?? 0 > 10)
  }

  @Test("a kernel that is a little wrong is found by its name, and no other is blamed")
  func brokenKernels() throws {
    var comparison = SideBySide(program, sizes: planned.sizes, seed: 1, threads: 2)
    let sound = try comparison.sections()
    #expect(sound.allSatisfy { $0.differing == 0 })
    let names = Set(sound[0].items.map { String($0.name.prefix { $0 != "," }) })
    var found: Set<String> = []
    for name in names {
      comparison.tampering = { $0.spoil(name) }
      let differences = try comparison.sections()[0].differences
      let wrong = Set(differences.map { String($0.name.prefix { $0 != "," }) })
      // The gradient of a loss reads what the loss kept.
      #expect(wrong.allSatisfy { $0.hasPrefix(name) }, "\(name): \(wrong.sorted())")
      found.formUnion(wrong)
    }
    // What only moves or repeats elements may have no kernel that could be wrong.
    let wanted = ["affine", "einsum", "gelu_tanh", "gather", "scaled_dot_product_attention"]
    #expect(found.isSuperset(of: wanted), "\(found.sorted())")
  }

  @Test("a backward pass that is a little wrong is refuted by the loss of the same kernels")
  func brokenGradients() throws {
    var run = FastRun(planned, seed: 0)
    #expect(try run.sections().0.allSatisfy { $0.differing == 0 })
    run.tampering = { plan in
      for index in plan.instructions.indices where plan.instructions[index].phase == .backward {
        plan.spoil(at: index, by: 1.1)
      }
    }
    let section = try #require(try run.sections().0.first { $0.id == "fast-gradients" })
    #expect(section.differing > 0)
  }

  @Test("work that a kernel leaves out is found")
  func brokenWork() throws {
    var run = FastRun(planned, seed: 0)
    run.tampering = { plan in
      for index in plan.instructions.indices where plan.instructions[index].multiplyAdds > 0 {
        plan.instructions[index].multiplyAdds -= 1
        plan.instructions[index].shares = [:]
      }
    }
    let sections = try run.sections().0
    #expect(sections.first { $0.id == "fast-work" }?.differing ?? 0 > 0)
    #expect(sections.first { $0.id == "fast-memory" }?.differing == 0)
  }
}

extension CompiledPlan {
  /// Makes every kernel of an operation a thousandth too large.
  fileprivate mutating func spoil(_ operation: String) {
    for index in instructions.indices {
      guard let node = instructions[index].members.first,
        graph.nodes[node].operation.name == operation
      else { continue }
      spoil(at: index, by: 1.001)
    }
  }

  fileprivate mutating func spoil(at index: Int, by factor: Float) {
    let instruction = instructions[index]
    let views = instruction.writes.filter { $0.kind == .real }
    instructions[index].make = { at in
      instruction.make(at) + [
        KernelJob(pieces: 1) { _, _ in
          for view in views {
            let array = at.array(view)
            at.write(
              NDArray(extents: array.extents, real: array.reals.map { $0 * factor }), to: view)
          }
        }
      ]
    }
  }
}
