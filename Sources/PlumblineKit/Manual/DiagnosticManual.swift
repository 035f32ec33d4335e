// DiagnosticManual: what every diagnostic means, with an example and a remedy.
// Data only, in files by subject; a test holds it complete against the sources.

/// The explanations of all diagnostics.
package enum DiagnosticManual {
  /// One explanation.
  package struct Entry: Hashable, Sendable {
    /// The id as diagnostics carry it.
    package var id: String
    /// What is wrong, and why that matters; a paragraph.
    package var meaning: String
    /// The smallest thing that raises it.
    package var example: String
    /// What to do; a paragraph.
    package var remedy: String
    /// The number of the mistake in the catalogue of configuration mistakes, for rules.
    package var catalogue: String?

    package init(
      _ id: String, _ meaning: String, example: String, remedy: String, catalogue: String? = nil
    ) {
      self.id = id
      self.meaning = meaning
      self.example = example
      self.remedy = remedy
      self.catalogue = catalogue
    }
  }

  /// Every entry, by subject.
  package static var entries: [Entry] {
    text + names + statics + shapes + models + runs + adapters + adapterFiles
      + graphRules + planRules + scheduleRules
      + configsAndRuns + checkpoints + data + training + samples
  }

  /// The entry of an id.
  package static func entry(for id: String) -> Entry? {
    entries.first { $0.id == id }
  }
}
