// ExpectationChecker: decides every `expect` of a model and of its training plan.
// A false claim is shown with the sum behind it, and solved for the config's values.
import Analysis
import Diagnostics
import Dimensions
import IR
import Language

/// What became of the claims of a model.
package struct ExpectationOutcome: Sendable {
  package var held = 0
  package var diagnostics: [Diagnostic] = []
}

/// Decides claims.
package struct ExpectationChecker: Sendable {
  /// Elaborates the same file with other config values; `nil` when that has errors.
  package typealias Elaboration = @Sendable ([ConfigOverride]) -> ElaboratedModel?

  let model: ElaboratedModel
  let sources: SourceMap
  let elaborate: Elaboration

  package init(model: ElaboratedModel, sources: SourceMap, elaborate: @escaping Elaboration) {
    self.model = model
    self.sources = sources
    self.elaborate = elaborate
  }

  /// A claim that does not hold.
  struct Failure {
    var claim: ElaboratedExpectation
    var value: ClaimValue
    /// The number claimed, for counts.
    var claimed: Int?
  }

  /// Decides all claims of the model.
  package func check() -> ExpectationOutcome {
    var outcome = ExpectationOutcome()
    let claims = model.expectations + (model.plan?.expectations ?? [])
    // A meter counts the model, for which a config has no use: it claims nothing.
    if claims.isEmpty { return outcome }
    var meter = ClaimMeter(model)
    var failures: [Failure] = []
    for claim in claims {
      do throws(ClaimFault) {
        let value = try meter.measure(claim)
        switch try decide(claim, value) {
        case true: outcome.held += 1
        case false:
          failures.append(Failure(claim: claim, value: value, claimed: claim.value.integerValue))
        }
      } catch {
        outcome.diagnostics.append(
          Diagnostic(
            id: error.id, severity: .error, message: error.message,
            range: error.range ?? claim.syntax.range, facts: error.facts, fixes: error.fixes))
      }
    }
    outcome.diagnostics += report(failures)
    return outcome
  }

  /// Whether a claim holds.
  func decide(_ claim: ElaboratedExpectation, _ value: ClaimValue) throws(ClaimFault) -> Bool {
    switch value {
    case .shape(let shape, _):
      guard case .list(let items) = claim.value else { throw mismatch(claim, needs: "a shape") }
      let expected = items.compactMap(\.asDimension)
      guard expected.count == items.count else { throw mismatch(claim, needs: "dimensions") }
      let prover = Prover(assuming: model.program.assumptions)
      let equal =
        expected.count == shape.count
        && zip(expected, shape).allSatisfy { $0 == $1 || prover.areEqual($0, $1).isProved }
      switch claim.syntax.comparison {
      case .equal: return equal
      case .notEqual: return !equal
      default: throw mismatch(claim, needs: "`==` or `!=` between shapes")
      }
    case .count(let count, _):
      guard count.isDefined else {
        throw ClaimFault(
          id: "count-overflow", message: "this count exceeds what 128-bit numbers hold",
          range: claim.syntax.subjectRange)
      }
      if let claimed = claim.value.asDimension {
        return try compare(count, claimed, claim)
      }
      guard let claimed = claim.value.asDouble, let number = count.wideConstant else {
        throw mismatch(claim, needs: "a number")
      }
      return compare(Double(number), claimed, claim)
    case .number(let number):
      guard let claimed = claim.value.asDouble else { throw mismatch(claim, needs: "a number") }
      return compare(number, claimed, claim)
    }
  }

  private func mismatch(_ claim: ElaboratedExpectation, needs: String) -> ClaimFault {
    ClaimFault(
      id: "claim-of-wrong-kind",
      message: "this claim needs \(needs), found \(claim.value.kindName) \(claim.value.text)",
      range: claim.valueRange)
  }

  private func compare(
    _ count: Dimension, _ claimed: Dimension, _ claim: ElaboratedExpectation
  ) throws(ClaimFault) -> Bool {
    let prover = Prover(assuming: model.program.assumptions)
    let constraint: Constraint
    switch claim.syntax.comparison {
    case .equal: constraint = .equal(count, claimed)
    case .notEqual: constraint = .notEqual(count, claimed)
    case .less: constraint = .less(count, claimed)
    case .lessOrEqual: constraint = .atMost(count, claimed)
    case .greater: constraint = .greater(count, claimed)
    default: constraint = .atLeast(count, claimed)
    }
    switch prover.prove(constraint) {
    case .proved: return true
    case .refuted: return false
    case .unknown(let missing):
      throw ClaimFault(
        id: "claim-undecided", message: "the claim holds for some sizes and not for others",
        range: claim.syntax.subjectRange,
        facts: [.line("found: \(count)"), .line("undecided: it would follow from \(missing)")])
    }
  }

  /// Numbers are equal when they agree to the digits that were written.
  private func compare(
    _ number: Double, _ claimed: Double, _ claim: ElaboratedExpectation
  ) -> Bool {
    let half = precision(of: claim) / 2
    let equal = abs(number - claimed) <= max(half, abs(claimed) * 1e-12)
    switch claim.syntax.comparison {
    case .equal: return equal
    case .notEqual: return !equal
    case .less: return number < claimed
    case .lessOrEqual: return number <= claimed
    case .greater: return number > claimed
    default: return number >= claimed
    }
  }

  /// The value of the last digit written: 0.01 for `2644.86`.
  private func precision(of claim: ElaboratedExpectation) -> Double {
    let text = sources.text(in: claim.valueRange)
    let parts = text.split(whereSeparator: { $0 == "e" || $0 == "E" })
    let mantissa = parts.first.map(String.init) ?? text
    let exponent = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
    let decimals = mantissa.split(separator: ".").dropFirst().first.map { $0.count } ?? 0
    if decimals == 0, parts.count < 2 { return 0 }
    var unit = 1.0
    let power = exponent - decimals
    for _ in 0..<min(abs(power), 300) { unit = power < 0 ? unit / 10 : unit * 10 }
    return parts.count > 1 ? 0 : unit
  }
}
