// PlannedStepTests: whole models as planned steps against the plain executor.
// First with plain kernels inside, where every bit must agree: what differs is the plan's mistake.
import Dimensions
import Execution
import IR
import Kernels
import PlumblineKit
import Testing

@Suite struct PlannedStepTests {
  @Test(
    "a plan of plain kernels gives the executor's bits, also when the memory held other numbers",
    arguments: PlannedStepSample.paths)
  func plainBits(_ path: String) throws {
    let sample = try PlannedStepSample(path)
    let expected = try sample.plain()
    var options = StepOptions()
    options.plainOnly = true
    let step = try sample.step(options)
    for _ in 0..<2 {
      try step.run()
      expectEqual(step.result, expected)
    }
    #expect(step.result.counters == expected.counters)
  }

  @Test(
    "every value of a plan that keeps all is the executor's", arguments: PlannedStepSample.paths)
  func everyValue(_ path: String) throws {
    let sample = try PlannedStepSample(path)
    var options = StepOptions()
    options.keepsEverything = true
    let step = try sample.step(options)
    try step.run()
    let expected = try sample.plain()
    expectClose(step.result, expected)
    for value in sample.graph.values.indices { #expect(step.array(of: value) != nil) }
  }

  @Test(
    "fast kernels, views and fusions agree with the executor", arguments: PlannedStepSample.paths)
  func fast(_ path: String) throws {
    let sample = try PlannedStepSample(path)
    let step = try sample.step(StepOptions())
    try step.run()
    try step.run()
    expectClose(step.result, try sample.plain())
  }

  private func expectEqual(_ found: ExecutionResult<Float>, _ expected: ExecutionResult<Float>) {
    #expect(found.outputs.keys.sorted() == expected.outputs.keys.sorted())
    for (name, array) in expected.outputs {
      #expect(found.outputs[name]?.extents == array.extents, "\(name)")
      #expect(bits(found.outputs[name]) == bits(array), "\(name)")
    }
    #expect(found.gradients.count == expected.gradients.count)
    for (index, gradient) in expected.gradients.enumerated() {
      #expect(bits(found.gradients[index]) == bits(gradient), "gradient \(index)")
    }
  }

  private func bits(_ array: NDArray<Float>?) -> [UInt32]? { array?.reals.map(\.bitPattern) }

  private func expectClose(_ found: ExecutionResult<Float>, _ expected: ExecutionResult<Float>) {
    for (name, array) in expected.outputs {
      #expect(difference(found.outputs[name], array) <= 1e-5, "\(name)")
    }
    for (index, gradient) in expected.gradients.enumerated() {
      #expect((found.gradients[index] == nil) == (gradient == nil))
      guard let gradient else { continue }
      #expect(difference(found.gradients[index], gradient) <= 1e-5, "gradient \(index)")
    }
  }

  /// The largest difference, relative to the largest value.
  private func difference(_ found: NDArray<Float>?, _ expected: NDArray<Float>) -> Float {
    guard let found, found.extents == expected.extents else { return .infinity }
    let largest = expected.reals.reduce(0) { max($0, abs($1)) }
    let worst = zip(found.reals, expected.reals).reduce(Float(0)) { worst, pair in
      let size = abs(pair.0 - pair.1)
      return size.isNaN ? .infinity : max(worst, size)
    }
    return largest < 1e-6 ? (worst < 1e-6 ? 0 : .infinity) : worst / largest
  }
}
