// PlanCommand: `plumbline plan`, what a training plan comes to before it runs.
// Numbers are made in Validation and PlumblineKit; here options become a machine.
import Analysis
import Diagnostics
import Language
import PlumblineKit

extension Command {
  /// `plumbline plan FILE`.
  static var plan: Command {
    Command(
      CommandSpecification(
        name: "plan", summary: "Say what a `train` section comes to: steps, rates, work, memory",
        operand: .model,
        options: [
          .set,
          OptionSpecification(
            "memory", .text("SIZE"), summary: "memory of a device, as `16GiB` or `80GB`"),
          OptionSpecification(
            "peak", .text("SPEED"), summary: "speed of a device, as `312TFLOPS` or `312e12`"),
          OptionSpecification("mfu", .text("SHARE"), summary: "share of the peak that is reached"),
          OptionSpecification("devices", .integer("N"), summary: "devices that share a batch"),
          OptionSpecification(
            "stretch", .text("FACTOR"),
            summary: "print the section for a round so many times longer, as `10x`"),
          .reportFormat,
        ],
        details: [
          "A `device` line of the section says the same: device memory 16 GiB, peak 312 TFLOPS,",
          "mfu 0.4, count 8. FLOPs are of contractions, memory is the executor's plan.",
        ],
        example: "plumbline plan models/tinystories.model --memory 16GiB --peak 312TFLOPS --mfu 0.4"
      )
    ) { (invocation: Invocation) throws(CommandFailure) -> Outcome in
      let machine = try machine(invocation)
      let stretch = try factor(invocation)
      var failure: CommandFailure?
      var status = ExitStatus.clean
      var outcome = try invocation.report { loaded, model in
        guard let report = PlanReport(loaded, machine: machine) else {
          failure = .usage(
            UsageError("\(loaded.path): `\(model.program.name)` has no `train` section"))
          return ""
        }
        if let stretch {
          do throws(StretchRefusal) {
            return try PlanStretch(loaded, by: stretch).text
          } catch {
            failure = .usage(UsageError("\(loaded.path): \(error.message)"))
            return ""
          }
        }
        if report.fits == false { status = .findings }
        return invocation.wantsJSON ? try report.json() : report.text
      }
      if let failure { throw failure }
      outcome.status = max(outcome.status, status)
      return outcome
    }
  }

  private static func machine(
    _ invocation: Invocation
  ) throws(CommandFailure) -> PlanReport.Machine {
    var machine = PlanReport.Machine()
    machine.memory = try quantity("memory", DeviceUnits.memory, needsUnit: true, invocation)
    machine.peak = try quantity("peak", DeviceUnits.speed, needsUnit: false, invocation)
    machine.mfu = try quantity("mfu", [], needsUnit: false, invocation)
    if let mfu = machine.mfu, mfu > 1 {
      throw .usage(UsageError("`--mfu` is a share of the peak, from 0 to 1, found \(mfu)"))
    }
    if let count = invocation.arguments.integer("devices") {
      guard (1...1_000_000).contains(count) else {
        throw .usage(UsageError("`--devices` must be from 1 to 1000000, found \(count)"))
      }
      machine.count = count
    }
    return machine
  }

  /// Reads `16GiB`.
  private static func quantity(
    _ option: String, _ units: [(name: String, scale: Double)], needsUnit: Bool,
    _ invocation: Invocation
  ) throws(CommandFailure) -> Double? {
    guard let text = invocation.arguments.value(option) else { return nil }
    let unit = String(text.reversed().prefix { $0.isLetter }.reversed())
    let digits = text.dropLast(unit.count).filter { $0 != "_" && $0 != " " && $0 != "," }
    let scale = units.first { $0.name.lowercased() == unit.lowercased() }?.scale
    let example = needsUnit ? "as in `--\(option) 16GiB`" : "as in `--\(option) 0.4`"
    guard let number = Double(digits), number.isFinite, number > 0,
      let scale = unit.isEmpty && !needsUnit ? 1 : scale
    else {
      let known = units.map(\.name).joined(separator: ", ")
      throw .usage(
        UsageError(
          "`--\(option)` needs a positive number\(known.isEmpty ? "" : " and one of \(known)"),"
            + " \(example); found `\(text)`"))
    }
    return number * scale
  }

  /// Reads `10x`.
  private static func factor(_ invocation: Invocation) throws(CommandFailure) -> Double? {
    guard let text = invocation.arguments.value("stretch") else { return nil }
    let digits = text.hasSuffix("x") ? text.dropLast() : Substring(text)
    guard let factor = Double(digits), factor > 1, factor <= 1e6 else {
      throw .usage(
        UsageError("`--stretch` needs a factor above 1, as in `--stretch 10x`; found `\(text)`"))
    }
    return factor
  }
}
