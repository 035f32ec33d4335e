// MemoryReport: what a schedule needs at its peak, by use and by layer.
// The numbers; tables, JSON and the picture are made of them in files of their own.

/// The memory of one planned training step.
package struct MemoryReport: Hashable, Sendable {
  /// One use of memory.
  package struct Row: Hashable, Sendable {
    package var use: MemoryUse
    package var bytesAtPeak: Int
    /// The most at any step, which need not be the peak of all.
    package var largestBytes: Int
  }

  /// Buffers alive at the peak that differ in the number of their layer alone.
  package struct Group: Hashable, Sendable {
    /// `h[0..<12].mlp.hidden`.
    package var path: String
    package var use: MemoryUse
    package var count: Int
    package var bytes: Int
  }

  package var model: String
  /// The sizes of the dimensions, by name.
  package var sizes: [String: Int]
  package var threads: Int
  /// What was assumed.
  package var notes: [String]
  package let schedule: MemorySchedule
  /// The most bytes alive at one time.
  package let peakBytes: Int
  /// The first step at which they are; `nil` when nothing runs.
  package let peakStep: Int?
  /// Every use, in the order of their declaration.
  package let rows: [Row]
  /// What is alive at the peak, the largest first.
  package let alive: [Group]
  /// For each use that occurs, the bytes at each step.
  let levels: [MemoryUse: [Int]]

  package init(
    model: String, sizes: [String: Int], threads: Int, notes: [String] = [],
    schedule: MemorySchedule
  ) {
    self.model = model
    self.sizes = sizes
    self.threads = threads
    self.notes = notes
    self.schedule = schedule
    let levels = schedule.levels
    self.levels = levels
    var totals = [Int](repeating: 0, count: max(schedule.steps.count, 1))
    for level in levels.values {
      for (step, bytes) in level.enumerated() { totals[step] += bytes }
    }
    let peakBytes = totals.max() ?? 0
    let peak = totals.firstIndex(of: peakBytes) ?? 0
    self.peakBytes = peakBytes
    peakStep = schedule.steps.isEmpty ? nil : peak
    rows = MemoryUse.allCases.map { use in
      Row(
        use: use, bytesAtPeak: levels[use]?[peak] ?? 0, largestBytes: levels[use]?.max() ?? 0)
    }
    alive = MemoryReport.groups(
      of: schedule.buffers.filter { $0.bytes > 0 && ($0.lifetime?.contains(peak) ?? true) })
  }

  /// What alignment and the order of lifetimes leave unused at the peak.
  package var gapBytes: Int { max(schedule.arenaBytes - peakBytes, 0) }

  private static func groups(of buffers: [MemorySchedule.Buffer]) -> [Group] {
    struct Key: Hashable {
      var pattern: [String]
      var use: MemoryUse
    }
    var found: [Key: (labels: [LayeredLabel], bytes: Int)] = [:]
    for buffer in buffers {
      let label = LayeredLabel(buffer.label)
      found[Key(pattern: label.pattern, use: buffer.use), default: ([], 0)].labels.append(label)
      found[Key(pattern: label.pattern, use: buffer.use), default: ([], 0)].bytes += buffer.bytes
    }
    let order = Dictionary(
      uniqueKeysWithValues: MemoryUse.allCases.enumerated().map { ($1, $0) })
    return found.map { key, group in
      Group(
        path: LayeredLabel.folded(group.labels), use: key.use, count: group.labels.count,
        bytes: group.bytes)
    }.sorted {
      ($1.bytes, order[$0.use] ?? 0, $0.path) < ($0.bytes, order[$1.use] ?? 0, $1.path)
    }
  }
}

/// A dotted path whose numbers say which element of a list is meant.
private struct LayeredLabel: Hashable {
  /// The components, with an empty one for each number.
  var pattern: [String] = []
  var numbers: [Int] = []

  init(_ text: String) {
    for part in text.split(separator: ".", omittingEmptySubsequences: true) {
      if let number = Int(part), String(number) == part {
        pattern.append("")
        numbers.append(number)
      } else {
        pattern.append(String(part))
      }
    }
  }

  /// Labels of one pattern as one: `h[0..<12].mlp.hidden`.
  static func folded(_ labels: [LayeredLabel]) -> String {
    guard let first = labels.first else { return "" }
    var place = 0
    var text = ""
    for component in first.pattern {
      if component.isEmpty {
        text += "[\(elements(Set(labels.map { $0.numbers[place] }).sorted()))]"
        place += 1
      } else {
        text += (text.isEmpty ? "" : ".") + component
      }
    }
    return text
  }

  /// `3`, `0..<12`, `0, 2, 4, …`.
  private static func elements(_ numbers: [Int]) -> String {
    guard let first = numbers.first, let last = numbers.last else { return "" }
    if first == last { return "\(first)" }
    if last - first == numbers.count - 1 { return "\(first)..<\(last + 1)" }
    return numbers.prefix(3).map(String.init).joined(separator: ", ")
      + (numbers.count > 3 ? ", …" : "")
  }
}
