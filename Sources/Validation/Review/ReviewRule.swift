// ReviewRule: one validator of finished runs: its id, its severity and what it finds in logs.
// The documentation comment of a rule's type is its page in the manual; a test keeps them equal.
import Diagnostics

/// A validator of the logs of finished runs.
package protocol ReviewRule: Sendable {
  /// The kebab-case id of its findings.
  static var id: String { get }

  static var severity: Severity { get }

  /// Everything that the rule finds.
  static func findings(in subject: ReviewSubject) -> [Diagnostic]
}

extension ReviewRule {
  package static var severity: Severity { .warning }

  /// A finding of this rule.
  static func finding(
    _ message: String, at range: SourceRange?, facts: [String] = [], notes: [Note] = [],
    severity: Severity? = nil
  ) -> Diagnostic {
    Diagnostic(
      id: id, severity: severity ?? self.severity, message: message, range: range,
      facts: facts.map { Fact.line($0) }, notes: notes)
  }
}

/// All rules on finished runs.
package enum ReviewBook {
  /// Every rule, in the order in which findings of one severity are told.
  package static var all: [any ReviewRule.Type] {
    [
      LossNotFinite.self, RateDiffersFromPlan.self, FirstLossUnexpected.self,
      MostUpdatesClipped.self, BestStepEarly.self, BestStepLate.self, BestRateAtEdge.self,
      RunLengthsDiffer.self,
    ]
  }

  /// What the rules find.
  package static func findings(in subject: ReviewSubject) -> [Diagnostic] {
    let found = all.flatMap { $0.findings(in: subject) }
    return Severity.allCases.flatMap { severity in found.filter { $0.severity == severity } }
  }
}
