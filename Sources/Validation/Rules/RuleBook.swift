// RuleBook: the list of all rules, and what they find in one model.
// The only place that knows every rule; each has a file of its own.
import Diagnostics

/// All rules.
package enum RuleBook {
  /// Every rule, in the order in which findings of one place are told.
  package static var all: [any Rule.Type] {
    [
      OptimizerOutOfRange.self, ClippingOutOfRange.self, DataShorterThanStep.self,
      WarmUpTooLong.self, StepsVariedInStudy.self, SweepRepeatsValue.self, SweepMissesPlan.self,
      SweepValueIllegal.self, SweepValuesAlike.self,
      BatchUnevenOverDevices.self, DataRepeatedOften.self, TokensPerParameterUnusual.self,
      DecayOnVectors.self, MatrixNotDecayed.self, DecayPatternMatchesNothing.self,
      PositionRowsNeverTrained.self, FutureIsVisible.self, HeadWidthUnusual.self,
      AttentionScaleUnusual.self, GatedWidthKeepsFour.self, FinalNormMissing.self,
      NormalisedTwice.self, NormShiftedByBias.self, ResidualBranchNotScaled.self,
      TiedTableTooWide.self,
      PaddedRowMayBeEmpty.self, FloorAbovePeak.self, ScheduleRunsOut.self, StairNeverReached.self,
      MilestonesOutOfOrder.self,
      RateJumps.self, RateRisesAgain.self, DecayEndsEarly.self, DecayOutlivesRun.self,
      CycleNeverFalls.self, FloorNotATenth.self, UpdateAtZero.self, MicroBatchesWeighAlike.self,
      IgnoredTargetIsToken.self, LogitsTensorLarge.self, ScoresTensorLarge.self,
      StudyRunsRepeat.self, HalfMaskOverflows.self,
      HalfScoresMayOverflow.self,
      HalfReduction.self, HalfTrainingWithoutScale.self, EpsilonVanishesInHalf.self,
      VocabularyUneven.self, ConfigFieldUnused.self,
    ]
  }

  /// Whether the findings of an id are told only when asked for.
  package static func isQuiet(_ id: String) -> Bool {
    all.contains { $0.id == id && $0.isQuiet }
  }

  /// Whether the findings of an id advise on what trained weights have settled.
  package static func isAdvice(_ id: String) -> Bool {
    all.contains { $0.id == id && $0.isAdvice }
  }

  /// What the rules find, those that only speak when asked included.
  package static func findings(in subject: RuleSubject) -> [Diagnostic] {
    all.filter { subject.model.isSound || !$0.readsModel }.flatMap { $0.findings(in: subject) }
  }
}
