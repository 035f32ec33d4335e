// Elaborator+Plans: a plan's numbers, its machine and the study that it belongs to.
// Apart from what is trained and how, which the executor follows; these are judged and reported.
import Diagnostics
import IR

/// The units of a device's properties, in model files and on the command line.
package enum DeviceUnits {
  package static let memory: [(name: String, scale: Double)] = [
    ("bytes", 1), ("KiB", 1_024), ("MiB", 1_048_576), ("GiB", 1_073_741_824),
    ("TiB", 1_099_511_627_776), ("kB", 1e3), ("MB", 1e6), ("GB", 1e9), ("TB", 1e12),
  ]

  package static let speed: [(name: String, scale: Double)] = [
    ("FLOPS", 1), ("GFLOPS", 1e9), ("TFLOPS", 1e12), ("PFLOPS", 1e15),
  ]
}

extension Elaborator {
  /// `f16 scaled by 65_536`.
  mutating func precision(
    _ name: Name, _ scaling: LossScaling?, _ range: SourceRange, frame: inout Frame
  ) -> PrecisionPlan? {
    let known = ElementType.allCases.filter { $0.kind == .real }.map(\.rawValue)
    guard let element = ElementType(rawValue: name.text), known.contains(name.text) else {
      reportUnknown(name, kind: "precision", candidates: known)
      return nil
    }
    var factor: Double?
    if let written = scaling?.factor {
      factor = number(written, frame: &frame)
      if let factor, factor <= 0 {
        reportPlan("a loss is scaled by a positive factor, found \(factor)", written.range)
      }
    }
    return PrecisionPlan(
      element: element, isScaled: scaling != nil, factor: factor, range: range)
  }

  /// `memory 16 GiB, peak 312 TFLOPS, mfu 0.4, count 8`.
  mutating func device(
    _ properties: [DeviceProperty], _ range: SourceRange, frame: inout Frame
  ) -> DevicePlan {
    var plan = DevicePlan(range: range)
    for property in properties {
      switch property.name.text {
      case "memory":
        plan.memory = amount(
          of: property, units: DeviceUnits.memory, needsUnit: true, frame: &frame)
      case "peak":
        plan.peak = amount(
          of: property, units: DeviceUnits.speed, needsUnit: false, frame: &frame)
      case "mfu":
        plan.mfu = amount(of: property, units: [], needsUnit: false, frame: &frame)
        if let mfu = plan.mfu, mfu > 1 {
          reportPlan(
            "`mfu` is a share of the peak, from 0 to 1, found \(mfu)", property.value.range)
          plan.mfu = nil
        }
      case "count":
        noUnit(property)
        plan.count = positive(property.value, what: "count", frame: &frame) ?? 1
      default:
        reportUnknown(
          property.name, kind: "property of a device",
          candidates: ["memory", "peak", "mfu", "count"])
      }
    }
    return plan
  }

  private mutating func amount(
    of property: DeviceProperty, units: [(name: String, scale: Double)], needsUnit: Bool,
    frame: inout Frame
  ) -> Double? {
    guard let value = number(property.value, frame: &frame) else { return nil }
    guard value > 0 else {
      reportPlan(
        "`\(property.name.text)` must be above 0, found \(value)", property.value.range)
      return nil
    }
    guard let unit = property.unit else {
      if needsUnit {
        reportPlan(
          "`\(property.name.text)` needs a unit, as in `\(property.name.text) 16 GiB`",
          property.value.range)
        return nil
      }
      return value
    }
    guard let found = units.first(where: { $0.name == unit.text }) else {
      if units.isEmpty {
        noUnit(property)
      } else {
        reportUnknown(unit, kind: "unit", candidates: units.map(\.name))
      }
      return nil
    }
    return value * found.scale
  }

  private mutating func noUnit(_ property: DeviceProperty) {
    guard let unit = property.unit else { return }
    reportPlan("`\(property.name.text)` has no unit, found `\(unit.text)`", unit.range)
  }

  /// `rate = 1e-4, 3e-4`.
  mutating func variation(
    _ name: Name, _ values: [Expression], _ range: SourceRange, frame: inout Frame
  ) -> VariedPlan? {
    let numbers = ["rate", "steps", "epochs", "seed"]
    let texts = ["targets": "\"c_attn, c_proj\"", "schedule": "\"cosine to 0 at step 50\""]
    let own = numbers + ["schedule"]
    // Adapters that a study makes, which the model itself need not have.
    let adapters = ["rank", "alpha", "targets"]
    let fields = program.config.map(\.name)
    guard (own + adapters + fields).contains(name.text) else {
      reportUnknown(name, kind: "axis of a study", candidates: own + adapters + fields)
      return nil
    }
    var axis = VariedPlan(name: name, values: [], ranges: [], range: range)
    for expression in values {
      let value = evaluateStatic(expression, frame: &frame)
      guard value != .invalid else { continue }
      if numbers.contains(name.text), value.asDouble == nil {
        reportPlan(
          "`\(name.text)` varies over numbers, found \(value.kindName) \(value.text)",
          expression.range)
        continue
      }
      if let example = texts[name.text], value.kindName != StaticValue.string("").kindName {
        reportPlan(
          "`\(name.text)` varies over texts such as \(example), found \(value.kindName)"
            + " \(value.text)", expression.range)
        continue
      }
      axis.values.append(value)
      axis.ranges.append(expression.range)
    }
    return axis
  }

  private mutating func reportPlan(_ message: String, _ range: SourceRange) {
    report(
      Diagnostic(id: "plan-out-of-range", severity: .error, message: message, range: range))
  }
}
