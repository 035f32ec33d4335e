// Schedule+Phases: the usual phases as Swift writes them.
// Apart from the catalogue, which makes the same phases from their names.

extension Schedule.Phase {
  /// A linear rise to the peak.
  package static func warmup(_ steps: Int, from start: Double? = nil) -> Schedule.Phase {
    Schedule.Phase(.warmup, from: start, length: steps)
  }

  /// The rate with which the phase begins; for ever without a length.
  package static func constant(_ steps: Int? = nil) -> Schedule.Phase {
    Schedule.Phase(.constant, length: steps)
  }

  package static func linear(_ steps: Int, to end: Double) -> Schedule.Phase {
    Schedule.Phase(.linear, to: end, length: steps)
  }

  /// Half a cosine wave.
  package static func cosine(_ steps: Int, to end: Double) -> Schedule.Phase {
    Schedule.Phase(.cosine, to: end, length: steps)
  }
}
