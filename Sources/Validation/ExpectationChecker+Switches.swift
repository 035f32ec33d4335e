// ExpectationChecker+Switches: a claim that holds with a switch of the config the other way.
// Apart from numbers, which are solved for: a switch has one other value, and that is tried.
import Analysis
import Diagnostics
import Dimensions
import IR
import Language

extension ExpectationChecker {
  /// Switches beyond these are not tried.
  private static let mostSwitches = 16

  /// The switch that changed the count: biases left out, a table shared.
  func switchNote(_ failure: Failure, count: Dimension) -> Note? {
    guard failure.claim.syntax.comparison == .equal, let claimed = failure.claimed else {
      return nil
    }
    let switches = model.program.config.filter { ["true", "false"].contains($0.text) }
    for field in switches.prefix(Self.mostSwitches) {
      let other = field.text == "false"
      let override = ConfigOverride(
        name: field.name, value: .boolean(other), range: field.range)
      guard let changed = elaborate([override]) else { continue }
      var meter = ClaimMeter(changed)
      guard let value = try? meter.measure(failure.claim),
        (try? decide(failure.claim, value)) == true
      else { continue }
      var facts = [
        Fact.line("\(field.name) = \(other) gives \(figures(Dimension(claimed))) exactly")
      ]
      if let actual = count.constant {
        let difference = claimed.subtractingReportingOverflow(actual)
        if !difference.overflow {
          let size = Int(clamping: difference.partialValue.magnitude)
          facts.append(
            .line(
              "\(field.name) = \(field.text) has \(figures(Dimension(size)))"
                + " \(difference.partialValue > 0 ? "fewer" : "more")"))
        }
      }
      return Note(
        message: "every shape is consistent; the switch `\(field.name)` alone makes the"
          + " difference:",
        range: field.range, facts: facts)
    }
    return nil
  }

  /// Whether a claim of all parameters counts those that work on one token.
  func activeNote(_ claimed: Int) -> Note? {
    let idle = ActiveParameters.idle(in: model.program)
    let total = ParameterSums(model.program)[model.program.root].elements
    guard idle != 0, total - idle == Dimension(claimed) else { return nil }
    return Note(
      message: "that is the number of active parameters, which work on one token:",
      facts: [
        .line("\(figures(total)) in all, \(figures(total - idle)) active"),
        .line("`expect active parameters == \(figures(total - idle))` holds"),
      ])
  }

  /// How many parameters work on one token, and where the others are.
  func activeExplanation(_ failure: Failure) -> [Fact] {
    let idle = ActiveParameters.idle(in: model.program)
    let total = ParameterSums(model.program)[model.program.root].elements
    var facts: [Fact] = [
      .line(
        "\(figures(total)) parameters, of which \(figures(idle)) are of experts that a token"
          + " does not meet")
    ]
    if let claimed = failure.claimed, Dimension(claimed) == total, idle != 0 {
      facts.append(.line("the claim is of all parameters"))
    }
    return facts
  }

  private func figures(_ count: Dimension) -> String { Figures.grouped(count, by: "_") }
}
