// OptimiserTests: three updates worked out by hand, and single updates that PyTorch made.
// The hand form is the textbook's, with corrected moments, so it shares no arithmetic with ours.
import Foundation
import Interchange
import Kernels
import Testing
import Training

@Suite struct OptimiserTests {
  private static let settings = OptimiserSettings(
    rate: 0.1, beta1: 0.9, beta2: 0.95, epsilon: 1e-8, decay: 0.1)
  private static let gradients = [[0.3, -0.4], [3.0, 4.0], [-0.1, 0.2]]

  private func isClose(_ found: [Double], _ expected: [Double], within bound: Double) -> Bool {
    found.count == expected.count && zip(found, expected).allSatisfy { abs($0 - $1) <= bound }
  }

  private func run(clip limit: Double?) throws -> (
    weights: [[Double]], optimiser: Optimiser<Double>
  ) {
    var parameters = [NDArray<Double>(extents: [2], real: [1, -2])]
    var optimiser = try Optimiser(
      Self.settings, for: parameters, trained: [true], decayed: [true])
    var weights: [[Double]] = []
    for gradient in Self.gradients {
      var list: [NDArray<Double>?] = [NDArray(extents: [2], real: gradient)]
      if let limit { _ = try GradientClipping(globalNorm: limit).clip(&list) }
      try optimiser.update(&parameters, gradients: list)
      weights.append(parameters[0].reals)
    }
    return (weights, optimiser)
  }

  @Test("makes three updates with decay as worked out by hand")
  func threeSteps() throws {
    // Python, double precision: p -= lr·wd·p + lr·m̂ ÷ (√v̂ + ε).
    let (weights, optimiser) = try run(clip: nil)
    #expect(isClose(weights[0], [0.8900000033333332, -1.8800000024999999], within: 1e-15))
    #expect(isClose(weights[1], [0.8013671990021131, -1.9277659217365708], within: 1e-15))
    #expect(isClose(weights[2], [0.7330791491829158, -1.9637192769469525], within: 1e-15))
    let state = try #require(optimiser.state(of: 0))
    #expect(isClose(state[0], [0.2842999999999999, 0.34759999999999996], within: 1e-15))
    #expect(isClose(state[1], [0.4320612500000004, 0.7692200000000007], within: 1e-15))
    #expect(optimiser.steps == 3)
  }

  @Test("makes three updates with clipping as worked out by hand")
  func threeClippedSteps() throws {
    let (weights, optimiser) = try run(clip: 1)
    #expect(isClose(weights[0], [0.8900000033333332, -1.8800000024999999], within: 1e-15))
    #expect(isClose(weights[1], [0.7853014160912277, -1.89753738961167], within: 1e-15))
    #expect(isClose(weights[2], [0.7127777151680447, -1.9202890496903755], within: 1e-15))
    let state = try #require(optimiser.state(of: 0))
    #expect(isClose(state[1], [0.021661243160002074, 0.03961998784000369], within: 1e-15))
  }

  @Test("agrees with PyTorch over every weight of a small GPT-2", arguments: ["wd_all", "wd_2d"])
  func agreesWithPyTorch(_ variant: String) throws {
    // torch.optim.AdamW(lr 1e-3, betas (0.9, 0.95), eps 1e-8, weight_decay 0.1), first step.
    let weights = try Fixture.reader("1_gpt2/model.safetensors")
    let expected = try Fixture.reader("1_gpt2/expected_f32.safetensors")
    let names = weights.entries.map(\.name)
    var parameters = try names.map { name in
      NDArray(extents: weights.header[name]?.shape ?? [], real: try weights.floats(name))
    }
    let gradients = try zip(names, parameters).map { name, parameter in
      NDArray(extents: parameter.extents, real: try expected.floats("grads/\(name)"))
    }
    var optimiser = try Optimiser(
      OptimiserSettings(rate: 1e-3, beta1: 0.9, beta2: 0.95, epsilon: 1e-8, decay: 0.1),
      for: parameters, trained: names.map { _ in true },
      decayed: parameters.map { variant == "wd_all" || $0.extents.count >= 2 })
    try optimiser.update(&parameters, gradients: gradients)
    var worst: Float = 0
    var count = 0
    for (name, parameter) in zip(names, parameters) {
      let after = try expected.floats("adamw/\(variant)/step1/\(name)")
      for (found, reference) in zip(parameter.reals, after) {
        worst = max(worst, abs(found - reference))
        count += 1
      }
    }
    #expect(count == 29_600)
    #expect(worst <= 1.2e-7, "worst difference \(worst)")
    // Measured by torch on the same gradients: 3.4387617111206055.
    let norm = GradientClipping.norm(of: gradients)
    #expect(abs(norm - 3.4387617) <= 2.4e-7, "norm \(norm)")
  }

  @Test("decays only the weights marked for it")
  func decayGroups() throws {
    var parameters = [
      NDArray<Double>(extents: [1], real: [2]), NDArray<Double>(extents: [1], real: [2]),
    ]
    var optimiser = try Optimiser(
      OptimiserSettings(rate: 0.5, decay: 0.25), for: parameters, trained: [true, true],
      decayed: [true, false])
    let zero = NDArray<Double>(extents: [1], real: [0])
    try optimiser.update(&parameters, gradients: [zero, zero])
    #expect(parameters.map(\.reals) == [[1.75], [2]])
  }

  @Test("holds two moments for each trained weight and none for the others")
  func state() throws {
    let parameters: [NDArray<Float>] = [.filled([3, 5]), .filled([7])]
    let optimiser = try Optimiser(
      OptimiserSettings(), for: parameters, trained: [false, true], decayed: [true, true])
    #expect(optimiser.stateBytes == 2 * 7 * 4)
    #expect(!optimiser.holdsState(of: 0))
    #expect(optimiser.holdsState(of: 1))
  }

  @Test("leaves everything as it was when a gradient does not fit")
  func rejects() throws {
    var parameters: [NDArray<Float>] = [.filled([2]), .filled([3])]
    var optimiser = try Optimiser(
      OptimiserSettings(), for: parameters, trained: [true, true], decayed: [true, true])
    #expect(throws: TrainingFault.self) {
      try optimiser.update(&parameters, gradients: [.filled([2]), .filled([4])])
    }
    #expect(throws: TrainingFault.wrongCount(of: "gradients", expected: 2, found: 1)) {
      try optimiser.update(&parameters, gradients: [nil])
    }
    #expect(optimiser.steps == 0)
    #expect(parameters.map(\.reals) == [[1, 1], [1, 1, 1]])
  }

  @Test(
    "refuses settings out of range",
    arguments: [
      (OptimiserSettings(rate: -1), "rate"), (OptimiserSettings(rate: .infinity), "rate"),
      (OptimiserSettings(beta1: 1), "beta1"), (OptimiserSettings(beta2: 1), "beta2"),
      (OptimiserSettings(beta2: .nan), "beta2"), (OptimiserSettings(epsilon: -1e-8), "epsilon"),
      (OptimiserSettings(decay: .nan), "decay"),
      (OptimiserSettings(.sgd, momentum: 1), "momentum"),
      (OptimiserSettings(.sgd, momentum: -0.1), "momentum"),
      (OptimiserSettings(.sgd, momentum: 0.9, dampening: 1.5), "dampening"),
      (OptimiserSettings(.sgd, nesterov: true), "nesterov"),
      (OptimiserSettings(.sgd, momentum: 0.9, dampening: 0.1, nesterov: true), "nesterov"),
    ])
  func settings(_ settings: OptimiserSettings, _ name: String) {
    #expect {
      try settings.check()
    } throws: {
      if case .setting(name, _, _)? = $0 as? TrainingFault { true } else { false }
    }
  }
}

/// The numeric fixtures of the project.
enum Fixture {
  static func reader(_ path: String) throws -> SafetensorsReader {
    let root = URL(fileURLWithPath: #filePath)
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    return try SafetensorsReader(path: root.appendingPathComponent("Fixtures/numeric/\(path)").path)
  }
}
