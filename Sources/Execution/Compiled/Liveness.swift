// Liveness: from which instruction to which each buffer is needed, and where it lies in the arena.
// A pure function of the instructions, so that memory is known before any exists.

/// The instructions during which a buffer holds something, both ends included.
package struct Lifetime: Hashable, Sendable {
  package var first: Int
  package var last: Int

  func overlaps(_ other: Lifetime) -> Bool { first <= other.last && other.first <= last }
}

/// The lifetime of every buffer of the step.
struct Liveness: Sendable {
  /// `nil` for a buffer that lives throughout and for one that nothing uses.
  private(set) var lifetimes: [Lifetime?]

  /// - Parameters:
  ///   - instructions: in the order in which they run.
  ///   - buffers: everything that they use.
  ///   - kept: buffers that are read after the step.
  init(_ instructions: [Instruction], _ buffers: [PlannedBuffer], kept: Set<Int>) {
    var found = [Lifetime?](repeating: nil, count: buffers.count)
    for (index, instruction) in instructions.enumerated() {
      for view in instruction.reads + instruction.writes where buffers[view.buffer].isOfStep {
        found[view.buffer] = Lifetime(first: found[view.buffer]?.first ?? index, last: index)
      }
    }
    for buffer in kept where buffers[buffer].isOfStep {
      found[buffer] = Lifetime(
        first: found[buffer]?.first ?? 0, last: max(instructions.count - 1, 0))
    }
    lifetimes = found
  }
}

/// Something that needs bytes for a time.
struct ArenaRequest: Sendable {
  var bytes: Int
  var lifetime: Lifetime
}

/// Places for requests such that those alive at the same time don't overlap.
struct ArenaLayout: Sendable {
  /// The processor's cache line and widest vector.
  static let alignment = 64

  private(set) var offsets: [Int]
  private(set) var bytes = 0

  /// The largest first, each at the lowest gap that fits.
  ///
  /// - Complexity: O(n²) for n requests alive at the same time.
  /// - Source: Pisarchyk and Lee 2020, arXiv:2001.03288 (greedy by size)
  init(_ requests: [ArenaRequest]) {
    offsets = Array(repeating: 0, count: requests.count)
    let order = requests.indices.sorted {
      (requests[$0].bytes, requests[$1].lifetime.first, $1)
        > (requests[$1].bytes, requests[$0].lifetime.first, $0)
    }
    var placed: [(offset: Int, end: Int, lifetime: Lifetime)] = []
    for index in order where requests[index].bytes > 0 {
      let request = requests[index]
      var best: Int?
      var slack = Int.max
      var end = 0
      // `placed` is sorted by offset, so the gaps come in order.
      for other in placed where other.lifetime.overlaps(request.lifetime) {
        let gap = other.offset - end
        if gap >= request.bytes, gap < slack {
          best = end
          slack = gap
        }
        end = max(end, ArenaLayout.aligned(other.end))
      }
      let offset = best ?? end
      offsets[index] = offset
      bytes = max(bytes, offset + request.bytes)
      let place =
        placed.firstIndex { ($0.offset, $0.end) > (offset, offset + request.bytes) }
        ?? placed.count
      placed.insert((offset, offset + request.bytes, request.lifetime), at: place)
    }
  }

  static func aligned(_ bytes: Int) -> Int { (bytes + alignment - 1) / alignment * alignment }
}
