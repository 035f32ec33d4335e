// DiagnosticManual+Adapters: the pages of the rules on adapters, from their documentation.
// Made by `UPDATE_SNAPSHOTS=1 swift test --filter LoRAManual`; edit the comments instead.

extension DiagnosticManual {
  static var adapters: [Entry] {
    []
  }
}
