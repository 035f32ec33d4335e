// ScheduleFault: why a schedule can't be made from what was written.
// Apart from diagnostics, which know the file: a fault knows only the argument.

/// A schedule that can't be.
package struct ScheduleFault: Error, Hashable, Sendable, CustomStringConvertible {
  /// The argument or clause at fault: `T_max`, `to`, `from`, `steps`; `nil` for the whole.
  package var argument: String?
  /// One fact: lower case, no full stop.
  package var message: String
  /// What would mend it.
  package var help: String?

  package init(_ message: String, argument: String? = nil, help: String? = nil) {
    self.message = message
    self.argument = argument
    self.help = help
  }

  package var description: String { message }
}
