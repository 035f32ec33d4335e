// NumericOracle: the cases of Fixtures/numeric, and how close a run comes to them.
// Every comparison returns the worst tensor, so that a failure says where to look.
import Foundation
import Interchange
import PlumblineKit

/// Files of the package that tests read.
enum Fixture {
  static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

  static func path(_ relative: String) -> String { root + "/" + relative }
}

/// The largest difference within one tensor.
struct TensorDifference: CustomStringConvertible {
  var tensor: String
  var element = 0
  var expected = 0.0
  var found = 0.0
  /// The difference, relative where the comparison says so.
  var size = 0.0

  var description: String {
    "\(tensor)[\(element)]: expected \(expected), found \(found), difference \(size)"
  }
}

/// One case of Fixtures/numeric.
struct NumericOracle {
  let directory: String
  let expected: SafetensorsReader
  /// The same numbers in double precision.
  let exact: SafetensorsReader

  init(_ name: String, _ precision: RunOptions.Precision) throws {
    directory = Fixture.path("Fixtures/numeric/" + name)
    exact = try SafetensorsReader(path: directory + "/expected_f64.safetensors")
    expected =
      precision == .double
      ? exact : try SafetensorsReader(path: directory + "/expected_f32.safetensors")
  }

  /// The options of a run of the case.
  func options(_ precision: RunOptions.Precision) -> RunOptions {
    var options = RunOptions(
      inputs: directory + "/io.safetensors", weights: directory + "/model.safetensors")
    options.prefix = "batch0/"
    options.precision = precision
    return options
  }

  /// The tensor that comes out furthest from what is expected, relative to its largest value.
  ///
  /// A tensor whose exact values are all below `zero` is one of round-off: it must stay small.
  func worst(
    _ report: RunReport, _ found: String, as wanted: String, zero: Double = 1e-6,
    roundOff: Double
  ) throws -> TensorDifference {
    let own = try report.doubles(found)
    let numbers = try expected.doubles(wanted)
    let largest = try exact.doubles(wanted).reduce(0) { max($0, abs($1)) }
    var worst = TensorDifference(tensor: wanted)
    guard own.count == numbers.count else {
      worst.size = .infinity
      return worst
    }
    for (index, (a, b)) in zip(own, numbers).enumerated() {
      var size = abs(a - b) / largest
      // Scaled so that the bound for round-off is met at the same tolerance.
      if largest < zero { size = abs(a) <= roundOff ? 0 : .infinity }
      if size.isNaN { size = .infinity }
      if size > worst.size || (index == 0 && size >= worst.size) {
        worst = TensorDifference(
          tensor: wanted, element: index, expected: b, found: a, size: size)
      }
    }
    return worst
  }

  /// The worst of all gradients that the case gives under a prefix.
  func worstGradient(
    _ report: RunReport, under prefix: String = "grads/", roundOff: Double
  ) throws -> TensorDifference {
    var worst = TensorDifference(tensor: "none")
    for entry in expected.entries where entry.name.hasPrefix(prefix) {
      let name = "grads/" + entry.name.dropFirst(prefix.count)
      let difference = try self.worst(report, name, as: entry.name, roundOff: roundOff)
      if difference.size >= worst.size { worst = difference }
    }
    return worst
  }

  /// Whether the case gives the parameters after a step.
  func hasStep(_ step: Int, variant: String) -> Bool {
    expected.entries.contains { $0.name.hasPrefix("adamw/\(variant)/step\(step)/") }
  }

  /// The worst element of all parameters after a step, in absolute terms.
  ///
  /// AdamW divides round-off by its own size, so only elements count whose exact gradient is above
  /// 1e-6, and rows of tables that were not looked up: those have no gradient and only decay.
  func worstParameter(
    _ report: RunReport, variant: String, step: Int
  ) throws -> (worst: TensorDifference, compared: Int) {
    var worst = TensorDifference(tensor: "none")
    var compared = 0
    let prefix = "adamw/\(variant)/step\(step)/"
    for entry in expected.entries where entry.name.hasPrefix(prefix) {
      let name = String(entry.name.dropFirst(prefix.count))
      let own = try report.doubles("parameters/step\(step)/" + name)
      let numbers = try expected.doubles(entry.name)
      let gradient = try exact.doubles("grads/" + name)
      let rounded = try expected.doubles("grads/" + name)
      for index in numbers.indices {
        let isMoved = abs(gradient[index]) > 1e-6
        let isUntouched =
          entry.shape.count > 1 && gradient[index] == 0 && rounded[index] == 0
        guard isMoved || isUntouched else { continue }
        compared += 1
        let size = abs(own[index] - numbers[index])
        if size >= worst.size || size.isNaN {
          worst = TensorDifference(
            tensor: entry.name, element: index, expected: numbers[index], found: own[index],
            size: size.isNaN ? .infinity : size)
        }
      }
    }
    return (worst, compared)
  }
}

extension RunReport {
  /// A tensor's values.
  func doubles(_ name: String) throws -> [Double] {
    guard let values = self[name]?.doubles else { throw MissingTensor(name: name) }
    return values
  }
}

/// A tensor that a run was expected to write.
struct MissingTensor: Error {
  let name: String
}
