// Outcome: what a run of the tool leaves: an exit status and two texts.
// Nothing is printed while a command runs, so that tests see all that a user would.

/// The exit status of the tool.
package enum ExitStatus: Int32, Hashable, Sendable, Comparable {
  case clean = 0
  /// The model is wrong.
  case findings = 1
  /// The command line is wrong, or a file can't be read.
  case usage = 2
  /// A claim of ours failed its verification.
  case refuted = 3
  /// The terminal was closed, and what was done is saved.
  case hungUp = 129
  /// Somebody pressed Ctrl-C, and what was done is saved.
  case interrupted = 130
  /// Nobody reads what is printed, and what was done is saved.
  case unread = 141
  /// The system asked the process to end, and what was done is saved.
  case terminated = 143

  /// Of a run that a signal stopped, as a shell numbers it.
  init(stoppedBy signal: Int32) {
    self = ExitStatus(rawValue: 128 + signal) ?? .interrupted
  }

  package static func < (left: ExitStatus, right: ExitStatus) -> Bool {
    left.rawValue < right.rawValue
  }
}

/// The result of one run.
package struct Outcome: Hashable, Sendable {
  package var status: ExitStatus
  /// For standard output.
  package var output: String
  /// For standard error.
  package var errors: String

  package init(_ status: ExitStatus = .clean, output: String = "", errors: String = "") {
    self.status = status
    self.output = output
    self.errors = errors
  }
}
