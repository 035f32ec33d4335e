// Lookahead: asks for memory that will be packed soon, a line at each step of the tiles before.
// Packing waits for main memory otherwise: its rows lie too far apart for the machine to foresee.

/// A block of an operand that is fetched line by line while the tiles of another are multiplied.
struct Lookahead {
  private let source: PackSource?
  private let corner: Int
  private let rows: Int
  /// The lines of a row.
  private let lines: Int
  private let tiles: Int
  private var tile = 0

  /// Nothing to fetch.
  init() {
    (source, corner, rows, lines, tiles) = (nil, 0, 0, 0, 1)
  }

  /// Fetches `x` by `steps` of an operand during a number of tiles.
  init(_ source: PackSource, _ x: Range<Int>, _ steps: Range<Int>, tiles: Int) {
    self.source = x.isEmpty || steps.isEmpty ? nil : source
    self.tiles = tiles
    let (across, along) = source.alongX ? (steps, x) : (x, steps)
    corner = across.lowerBound &* source.stride &+ along.lowerBound
    rows = across.count
    // Rows start anywhere in a line of 16 elements.
    lines = ceiling(along.count &+ 15, 16)
  }

  /// What the next tile fetches: the same line of each row, or else one that is there anyway.
  @inline(__always)
  mutating func next(otherwise nearby: UnsafeMutablePointer<Float>) -> Ahead {
    guard let source else { return Ahead(start: nearby, next: nearby) }
    let line = tile &* lines / tiles
    tile &+= 1
    guard lines > tiles || tile &* lines / tiles > line else {
      return Ahead(start: nearby, next: nearby)
    }
    return Ahead(
      start: source.start + (corner &+ line &* 16), stride: source.stride, count: rows,
      next: nearby)
  }
}

/// What one tile fetches, a line a step: lines at even distances, and then neighbouring ones.
struct Ahead {
  let start: UnsafeMutablePointer<Float>
  /// In elements.
  var stride = 0
  var count = 0
  var next: UnsafeMutablePointer<Float>
  var following = 0

  /// Fetches a part of a packed panel too.
  @inline(__always)
  mutating func fetch(
    _ panel: UnsafeMutablePointer<Float>, _ elements: Int, part: Int, of parts: Int
  ) {
    let lines = ceiling(elements, 16)
    let first = part &* lines / parts
    next = panel + first &* 16
    following = (part &+ 1) &* lines / parts &- first
  }
}
