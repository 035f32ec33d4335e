// SweepAxis: one axis of a study: a name, its values, and where each of them was written.
// Apart from the grid, because a value that is wrong is shown where it stands, in a file or an option.
import Diagnostics
import Language

/// One axis: a name and the values that it takes.
package struct SweepAxis: Hashable, Sendable {
  package let name: String
  package let values: [String]
  /// Where each value stands; empty until a source map knows, and for axes that a program makes.
  package private(set) var places: [SourceRange] = []
  /// The option's text and the bytes of each value in it.
  private var option: (text: String, bytes: [Range<Int>])?

  package init(name: String, values: [String]) {
    self.name = name
    self.values = values
  }

  /// Parses `rate=1e-4,3e-4`, or `schedule=constant|cosine to 0 at step 50` where values hold commas;
  /// `nil` without a name, a sign of equality or a value.
  package init?(parsing text: String) {
    guard let setting = Setting(parsing: text) else { return nil }
    let separator: Character = setting.value.contains("|") ? "|" : ","
    var values: [String] = []
    var bytes: [Range<Int>] = []
    var lower = text.utf8.count - setting.value.utf8.count
    for part in setting.value.split(separator: separator, omittingEmptySubsequences: false) {
      let value = part.trimmed
      guard !value.isEmpty else { return nil }
      let start = lower + part.prefix { $0.isWhitespace }.utf8.count
      values.append(value)
      bytes.append(start..<start + value.utf8.count)
      lower += part.utf8.count + 1
    }
    self.init(name: setting.name.filter { $0 != " " }, values: values)
    option = (text, bytes)
  }

  /// The axes of a plan's `vary` lines.
  package static func axes(of plan: TrainingPlan) -> [SweepAxis] {
    plan.variations.map { axis in
      var own = SweepAxis(
        name: axis.name.text,
        values: axis.values.map { value in
          if case .string(let text) = value { text } else { value.text }
        })
      own.places = axis.ranges
      return own
    }
  }

  /// The axis with the places of its values, for which an option's text becomes a source.
  func placed(in sources: inout SourceMap) -> SweepAxis {
    guard places.isEmpty, let option else { return self }
    let source = sources.add(path: "--vary", text: option.text)
    var placed = self
    placed.places = option.bytes.map {
      SourceRange(source: source, lower: $0.lowerBound, upper: $0.upperBound)
    }
    return placed
  }

  /// The axis as a `vary` line would state it; `nil` before its values have places.
  var plan: VariedPlan? {
    guard places.count == values.count, let first = places.first, let last = places.last else {
      return nil
    }
    let isText = ["targets", "schedule"].contains(name)
    return VariedPlan(
      name: Name(name, first),
      values: values.map { isText ? .string($0) : Setting(name: name, value: $0).staticValue },
      ranges: places, range: first.source == last.source ? first.union(last) : first)
  }

  package static func == (one: SweepAxis, other: SweepAxis) -> Bool {
    one.name == other.name && one.values == other.values
  }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(name)
    hasher.combine(values)
  }
}

extension RunFailure {
  /// The failure at a place; one that has a place keeps it.
  func placed(at range: SourceRange?) -> RunFailure {
    var placed = self
    if let range, !placed.diagnostics.isEmpty, placed.diagnostics[0].range == nil {
      placed.diagnostics[0].range = range
    }
    return placed
  }
}

extension Array {
  /// The element at an index, if there is one.
  func element(_ index: Int) -> Element? { indices.contains(index) ? self[index] : nil }
}

extension Substring {
  fileprivate var trimmed: String {
    var text = self
    while text.first?.isWhitespace == true { text.removeFirst() }
    while text.last?.isWhitespace == true { text.removeLast() }
    return String(text)
  }
}
