// ScheduleOracle: rates that PyTorch and transformers gave, step by step, and how they are read.
// Fixtures/schedules was written by torch 2.15 and transformers 4.57.6, read before each update.
import Foundation
import Language
import PlumblineKit
import Schedules
import Testing
import Validation

/// One schedule of an oracle.
struct ScheduleCase: Decodable, CustomTestStringConvertible, Sendable {
  var name: String
  /// The schedule as the language writes it.
  var text: String
  var rate: Double
  var rates: [Double]

  var testDescription: String { "\(name): \(text)" }
}

/// A schedule file.
struct ScheduleOracle: Decodable {
  var schedules: [ScheduleCase]

  static func load(_ name: String) -> [ScheduleCase] {
    var folder = URL(fileURLWithPath: #filePath)
    for _ in 0..<3 { folder.deleteLastPathComponent() }
    let file = folder.appendingPathComponent("Fixtures/schedules/\(name)")
    guard let data = try? Data(contentsOf: file),
      let oracle = try? JSONDecoder().decode(ScheduleOracle.self, from: data)
    else { return [] }
    return oracle.schedules
  }
}

/// A model with a `train` section that has this schedule, and what was found in it.
func elaborated(
  _ schedule: String, rate: Double = 0.1, steps: Int? = nil
) -> (schedule: Schedule?, findings: [String]) {
  let loaded = loadedPlan(schedule, rate: rate, steps: steps)
  return (loaded.model?.plan?.rates, loaded.diagnostics.map { "\($0.id): \($0.message)" })
}

func loadedPlan(_ schedule: String, rate: Double = 0.1, steps: Int? = nil) -> LoadedModel {
  Workspace.load(
    path: "plan.model",
    text: """
      model m {
        dim B >= 1
        let layer = linear(8, 8)

        forward(x: [B, 8]) -> y: [B, 8] {
          return layer(x)
        }
      }

      train m {
        \(steps.map { "steps     \($0)" } ?? "")
        optimizer adamw(rate: \(rate))
        schedule  \(schedule)
      }
      """)
}

/// Whether two rates agree to 1e-12 of the larger.
func agrees(_ found: Double, _ expected: Double) -> Bool {
  found == expected
    || (found - expected).magnitude <= 1e-12 * max(found.magnitude, expected.magnitude)
}
