// Rule: one validator: its id, its severity and what it finds in a model that is otherwise right.
// The documentation comment of a rule's type is its page in the manual; a test keeps them equal.
import Diagnostics

/// A validator of elaborated models and training plans.
///
/// A rule reports what it can prove. What it can't decide, it leaves: a false alarm weighs as much
/// as a miss.
package protocol Rule: Sendable {
  /// The kebab-case id of its findings, readable after `allow`.
  static var id: String { get }

  /// What a finding weighs unless the model file says otherwise.
  static var severity: Severity { get }

  /// Whether findings are told only when the model file asks for them with `treat`.
  static var isQuiet: Bool { get }

  /// Whether findings advise on a choice that is made once weights exist.
  static var isAdvice: Bool { get }

  /// Whether the rule looks at the model, and so needs one without errors; otherwise the plan is
  /// all that it reads.
  static var readsModel: Bool { get }

  /// Everything that the rule finds.
  static func findings(in subject: RuleSubject) -> [Diagnostic]
}

extension Rule {
  package static var severity: Severity { .warning }

  package static var isQuiet: Bool { false }

  package static var isAdvice: Bool { false }

  package static var readsModel: Bool { true }

  /// A finding of this rule.
  static func finding(
    _ message: String, at range: SourceRange?, label: String? = nil, facts: [String] = [],
    notes: [Note] = [], fixes: [FixIt] = []
  ) -> Diagnostic {
    Diagnostic(
      id: id, severity: severity, message: message, range: range, label: label,
      facts: facts.map { Fact.line($0) }, notes: notes, fixes: fixes)
  }
}
