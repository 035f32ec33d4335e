// FamilyNumericTests: one tiny model for each thing that families compute in ways of their own.
// Apart from NumericOracleTests, whose cases hold AdamW steps and both precisions of PyTorch.
import Execution
import Foundation
import Interchange
import PlumblineKit
import Testing

@Suite struct FamilyNumericTests {
  private static let directory = Fixture.path("Fixtures/numeric/families")

  /// The cases, sorted; a test says that there are some.
  static let cases: [String] =
    ((try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? [])
    .filter { !$0.contains(".") }.sorted()

  /// Within which the plain kernels in fp64, and the planned ones in fp32, are PyTorch's in fp64.
  ///
  /// DeBERTa's scale is rounded to fp32 by transformers in any precision; expected gradients are kept
  /// in fp32.
  private static func tolerance(_ precision: RunOptions.Precision) -> (Double, gradient: Double) {
    precision == .double ? (5e-8, 2e-7) : (1e-5, 2e-5)
  }

  /// The largest difference, relative to the largest value or to one.
  private func difference(_ own: [Double], _ theirs: [Double]) -> Double {
    guard own.count == theirs.count else { return .infinity }
    let largest = theirs.reduce(1) { max($0, abs($1)) }
    return zip(own, theirs).reduce(0) { worst, pair in
      let size = abs(pair.0 - pair.1) / largest
      return size.isNaN ? .infinity : max(worst, size)
    }
  }

  @Test("the cases are there")
  func listed() {
    #expect(Self.cases.count > 25)
  }

  @Test(
    "outputs, loss and gradients are PyTorch's", arguments: cases,
    [RunOptions.Precision.double, .single])
  func numbers(_ name: String, _ precision: RunOptions.Precision) throws {
    let path = Self.directory + "/" + name
    let expected = try SafetensorsReader(path: path + "/expected.safetensors")
    let loaded = try Workspace.load(path)
    let errors = loaded.diagnostics.filter { $0.severity == .error }
    #expect(errors.isEmpty, "\(errors.map(\.message))")
    var options = RunOptions(
      inputs: path + "/io.safetensors", weights: path + "/model.safetensors")
    options.precision = precision
    options.engine = precision == .double ? .plain : .planned(threads: 2)
    options.gradients = expected.entries.contains { $0.name == "loss" }
    let report = try Runner.run(try #require(loaded.model), options)
    let (tolerance, gradient) = Self.tolerance(precision)
    var compared = 0
    for entry in expected.entries {
      let isGradient = entry.name.hasPrefix("grads/")
      let theirs = try expected.doubles(entry.name)
      // A weight that nothing reads has no gradient here, and zeros there.
      if isGradient, report[entry.name] == nil, theirs.allSatisfy({ $0 == 0 }) { continue }
      // What only transformers gives out, such as the encoder's states, is not asked for.
      if !isGradient, report[entry.name] == nil { continue }
      compared += 1
      let worst = difference(try report.doubles(entry.name), theirs)
      #expect(worst <= (isGradient ? gradient : tolerance), "\(entry.name): \(worst)")
    }
    #expect(compared >= 2)
  }
}
