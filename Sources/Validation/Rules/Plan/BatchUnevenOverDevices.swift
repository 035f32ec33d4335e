// BatchUnevenOverDevices: a batch that its devices can't share out.
// Apart from memory, which asks how large one device's share is.
import Diagnostics
import Language

/// The examples of an update do not divide by the number of devices.
///
/// In data-parallel training each device takes the same number of examples; what is left over makes
/// launchers stop or drop data. Examples are those of the micro-batch times the accumulation.
///
/// - Example: batch B = 5, T = 512 with device count 8
/// - Remedy: Use a batch, or an accumulation, that the number of devices divides.
/// - Catalogue: T14
enum BatchUnevenOverDevices: Rule {
  static let id = "batch-uneven-over-devices"
  static let severity = Severity.error
  static let readsModel = false

  static func findings(in subject: RuleSubject) -> [Diagnostic] {
    guard let plan = subject.plan, let device = plan.device, device.count > 1,
      let examples = subject.examplesPerStep, examples % device.count != 0
    else { return [] }
    let below = examples / device.count * device.count
    let near = [below, below + device.count].filter { $0 > 0 }.map { subject.grouped($0) }
    return [
      finding(
        "\(subject.grouped(examples)) examples can't be shared by \(device.count) devices",
        at: device.range,
        facts: [
          "\(subject.grouped(examples)) = \(device.count) × \(examples / device.count)"
            + " + \(examples % device.count)",
          "nearest: \(near.joined(separator: " and "))",
        ],
        notes: subject.line("batch").map { [Note(message: "the batch stands here", range: $0)] }
          ?? [])
    ]
  }
}
