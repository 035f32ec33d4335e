// Prelude: the text of the prelude, which is embedded in the program.
// The layers themselves are in prelude.model, where anyone can read them.

/// The blocks that every file sees.
package enum Prelude {
  /// The name under which diagnostics and `explain` show it.
  package static let path = "prelude.model"

  /// The source text.
  package static var text: String {
    String(decoding: PackageResources.prelude_model, as: UTF8.self)
  }
}
