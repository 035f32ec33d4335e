// DiagnosticCollector: gathers the diagnostics of a run without repeats and with an upper bound.
// Passes append to it in any order; the reader gets them in the order of the source.

/// The diagnostics of one run: each once, and at most `limit` of each severity.
package struct DiagnosticCollector: Hashable, Sendable {
  /// How many diagnostics of one severity are kept.
  package let limit: Int
  /// The kept diagnostics in the order in which they were added.
  package private(set) var diagnostics: [Diagnostic] = []
  private var seen: Set<Diagnostic> = []
  private var counts: [Severity: Int] = [:]

  package init(limit: Int = 100) { self.limit = max(limit, 1) }

  /// Adds a diagnostic unless it is known; beyond the limit it is only counted.
  package mutating func add(_ diagnostic: Diagnostic) {
    guard count(of: diagnostic.severity) < limit else {
      if !seen.contains(diagnostic) { counts[diagnostic.severity, default: 0] += 1 }
      return
    }
    guard seen.insert(diagnostic).inserted else { return }
    counts[diagnostic.severity, default: 0] += 1
    diagnostics.append(diagnostic)
  }

  /// Counts a diagnostic that would not be shown, so that nobody has to word it.
  package mutating func countHidden(_ severity: Severity) { counts[severity, default: 0] += 1 }

  /// Adds several diagnostics in order.
  package mutating func add(contentsOf others: some Sequence<Diagnostic>) {
    for diagnostic in others { add(diagnostic) }
  }

  /// How many of a severity were added, counting those beyond the limit.
  package func count(of severity: Severity) -> Int { counts[severity, default: 0] }

  /// Whether an error was added.
  package var hasErrors: Bool { count(of: .error) > 0 }

  /// Whether so many errors were added that a pass may give up.
  package var isFull: Bool { count(of: .error) >= limit }

  /// The diagnostics in source order, then a remark about those that are not shown.
  ///
  /// Diagnostics without a range come first, because they concern the whole run.
  package func finished() -> [Diagnostic] {
    let ordered = diagnostics.enumerated().sorted { left, right in
      Self.key(left.element, left.offset) < Self.key(right.element, right.offset)
    }
    return ordered.map(\.element) + remarks
  }

  private var remarks: [Diagnostic] {
    Severity.allCases.compactMap { severity in
      let hidden = count(of: severity) - limit
      guard hidden > 0 else { return nil }
      return Diagnostic(
        id: "too-many-\(severity.rawValue)s", severity: .note,
        message: "\(hidden) more \(severity.rawValue)\(hidden == 1 ? " is" : "s are") not shown")
    }
  }

  private static func key(_ diagnostic: Diagnostic, _ order: Int) -> (Int, Int, Int) {
    guard let range = diagnostic.range else { return (-1, 0, order) }
    return (range.source.index, range.lower, order)
  }
}
