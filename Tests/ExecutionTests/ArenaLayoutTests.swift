// ArenaLayoutTests: places in the arena for random lifetimes: no clash, and little more than needed.
// Apart from the plan of a step, so that the packing can be tried on thousands of cases.
import Testing

@testable import Execution

@Suite struct ArenaLayoutTests {
  private func requests(seed: UInt64, count: Int) -> [ArenaRequest] {
    var bits = RandomBits(seed: seed, name: "arena")
    func number(_ limit: Int) -> Int { Int(bits.uniform() * Double(limit)) }
    return (0..<count).map { _ in
      let first = number(50)
      return ArenaRequest(
        bytes: number(4) == 0 ? 0 : 1 + number(5_000),
        lifetime: Lifetime(first: first, last: first + number(12)))
    }
  }

  @Test("buffers that are alive at the same time don't overlap", arguments: 0..<20)
  func disjoint(_ seed: Int) {
    let requests = requests(seed: UInt64(seed), count: 80)
    let layout = ArenaLayout(requests)
    for (index, request) in requests.enumerated() where request.bytes > 0 {
      let range = layout.offsets[index]..<(layout.offsets[index] + request.bytes)
      #expect(range.lowerBound % ArenaLayout.alignment == 0)
      #expect(range.upperBound <= layout.bytes)
      for other in 0..<index
      where requests[other].bytes > 0
        && requests[other].lifetime.first <= request.lifetime.last
        && request.lifetime.first <= requests[other].lifetime.last
      {
        let start = layout.offsets[other]
        #expect(!range.overlaps(start..<(start + requests[other].bytes)))
      }
    }
  }

  @Test("the arena is little larger than what is alive at one time", arguments: 0..<20)
  func tight(_ seed: Int) {
    let requests = requests(seed: UInt64(seed), count: 80)
    let peak = (0..<62).map { time in
      requests.reduce(0) { sum, request in
        let isAlive = request.lifetime.first <= time && time <= request.lifetime.last
        return sum + (isAlive ? ArenaLayout.aligned(request.bytes) : 0)
      }
    }.max()
    let bytes = ArenaLayout(requests).bytes
    #expect(Double(bytes) <= 1.25 * Double(peak ?? 0))
  }

  @Test("memory is used again as soon as it is free")
  func reuse() {
    let first = ArenaRequest(bytes: 100, lifetime: Lifetime(first: 0, last: 1))
    let second = ArenaRequest(bytes: 100, lifetime: Lifetime(first: 2, last: 3))
    let both = ArenaRequest(bytes: 64, lifetime: Lifetime(first: 0, last: 3))
    let layout = ArenaLayout([first, second, both])
    #expect(layout.offsets[0] == layout.offsets[1])
    #expect(layout.bytes == 128 + 64)
  }
}
