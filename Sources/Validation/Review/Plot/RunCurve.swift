// RunCurve: one number of a log over its steps: smoothed, thinned out and cut where it ends.
// Data only; a picture decides where a point goes.

/// What is drawn of one number of a run.
struct RunCurve: Sendable {
  /// A value of a step.
  struct Point: Hashable, Sendable {
    var step: Double
    var value: Double
  }

  /// Stretches without a gap, by step.
  let raw: [[Point]]
  /// The same without noise; equal to them where there is none.
  let smooth: [[Point]]
  /// Whether both differ.
  let isNoisy: Bool
  /// The steps at which the number was not finite.
  let lost: [Int]

  /// - Parameters:
  ///   - log: a run.
  ///   - column: which number.
  ///   - smoothing: over how many lines to either side a mean is taken; chosen by the noise when `nil`.
  init(_ log: RunLog, _ column: KeyPath<RunLog.Entry, Double?>, smoothing: Int?) {
    var raw: [[Point]] = [[]]
    var lost: [Int] = []
    for entry in log.entries {
      guard let value = entry[keyPath: column] else { continue }
      if value.isFinite, value.magnitude < 1e30 {
        raw[raw.count - 1].append(Point(step: Double(entry.step), value: value))
      } else {
        lost.append(entry.step)
        if raw.last?.isEmpty == false { raw.append([]) }
      }
    }
    raw.removeAll(where: \.isEmpty)
    let reach = smoothing ?? Self.reach(for: raw)
    self.raw = raw
    self.lost = lost
    isNoisy = reach > 0
    // Twice, so that a single leap becomes a slope and not a box.
    smooth = reach > 0 ? raw.map { Self.means(Self.means($0, reach), max(reach / 2, 1)) } : raw
  }

  var isEmpty: Bool { raw.isEmpty }

  /// A hundredth of the points where the way up and down is many times the range, and else none.
  private static func reach(for stretches: [[Point]]) -> Int {
    let count = stretches.reduce(0) { $0 + $1.count }
    let values = stretches.joined().map(\.value)
    guard count >= 40, let low = values.min(), let high = values.max(), high > low else { return 0 }
    let way = zip(values, values.dropFirst()).reduce(0) { $0 + ($1.0 - $1.1).magnitude }
    return way > 3 * (high - low) ? max(count / 100, 3) : 0
  }

  /// Means over the neighbours; fewer at the beginning, where losses fall fastest, so that the first
  /// point stays what it was.
  private static func means(_ points: [Point], _ reach: Int) -> [Point] {
    var sums = [0.0]
    sums.reserveCapacity(points.count + 1)
    for point in points { sums.append(sums[sums.count - 1] + point.value) }
    return points.indices.map { index in
      let reach = min(reach, index)
      let (lower, upper) = (index - reach, min(index + reach, points.count - 1) + 1)
      return Point(
        step: points[index].step, value: (sums[upper] - sums[lower]) / Double(upper - lower))
    }
  }

  /// The values that must have room: what is smooth, and nearly all of what is noise.
  var range: ClosedRange<Double>? {
    let drawn = smooth.joined().map(\.value)
    guard let low = drawn.min(), let high = drawn.max() else { return nil }
    guard isNoisy else { return low...high }
    let values = raw.joined().map(\.value).sorted()
    let cut = values.count / 200
    return min(low, values[cut])...max(high, values[values.count - 1 - cut])
  }

  /// At most a few points for each column of a picture: the first, lowest, highest and last in it.
  static func thinned(_ points: [Point], columns: Int, over range: ClosedRange<Double>) -> [Point] {
    guard points.count > columns * 4 else { return points }
    let width = max(range.upperBound - range.lowerBound, 1e-300) / Double(columns)
    var result: [Point] = []
    var start = 0
    while start < points.count {
      let column = ((points[start].step - range.lowerBound) / width).rounded(.down)
      var (end, low, high) = (start + 1, start, start)
      while end < points.count,
        ((points[end].step - range.lowerBound) / width).rounded(.down) == column
      {
        if points[end].value < points[low].value { low = end }
        if points[end].value > points[high].value { high = end }
        end += 1
      }
      for index in Set([start, low, high, end - 1]).sorted() { result.append(points[index]) }
      start = end
    }
    return result
  }
}
