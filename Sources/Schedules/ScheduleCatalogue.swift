// ScheduleCatalogue: every schedule that can be named.
// One list, from which the language takes names, near misses and arguments.

/// The named schedules.
package enum ScheduleCatalogue {
  /// The phases of the language, then tools' own schedules.
  package static let forms: [ScheduleForm] =
    ScheduleForm.phases + ScheduleForm.torch + ScheduleForm.transformers
    + [ScheduleForm.nanoGPT, ScheduleForm.megatron, ScheduleForm.torchtitan]
    + ScheduleForm.deepSpeed

  package static func form(_ name: String) -> ScheduleForm? {
    forms.first { $0.name == name }
  }
}
