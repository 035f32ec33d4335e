// FindingPolicy: `allow ID because "…"` and `treat ID as note because "…"`.
// Shared by models and `train` sections; which ids exist is known only above this target.
import Diagnostics

/// What the author decides about a kind of finding, and why.
package struct FindingPolicy: Hashable, Sendable {
  /// The id of the findings, with its hyphens.
  package var id: Name
  /// The severity that they get; `nil` when they are allowed.
  package var severity: Name?
  /// The words of the reason.
  package var reason: Name
  package var range: SourceRange

  package init(id: Name, severity: Name?, reason: Name, range: SourceRange) {
    self.id = id
    self.severity = severity
    self.reason = reason
    self.range = range
  }

  /// The word at the start of the line.
  package var keyword: String { severity == nil ? "allow" : "treat" }
}
