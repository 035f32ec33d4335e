// MachineLimitTests: the share of a machine's limit that a run reports, however badly it was measured.
// Measurements are given here; what the machine really reaches is no matter of a test.
import Execution
import Synchronization
import Testing

@Suite struct MachineLimitTests {
  /// Measurements one after the other, the last one again and again.
  private final class Measurements: Sendable {
    private let values: [Double?]
    let taken = Atomic<Int>(0)

    init(_ values: [Double?]) { self.values = values }

    func next() -> Double? {
      let index = taken.add(1, ordering: .relaxed).oldValue
      return values[min(index, values.count - 1)]
    }
  }

  @Test("a limit measured while others worked is measured again, and the best one counts")
  func grows() {
    let measured = Measurements([50, 60, 100, 80])
    var limit = MachineLimitSeen { measured.next() }
    #expect(limit.flops == 50)
    #expect(limit.share(of: 30) == 0.5)  // the first time: 60
    #expect(limit.share(of: 30) == 0.3)  // the second: 100
    #expect(limit.share(of: 30) == 0.3)
    #expect(measured.taken.load(ordering: .relaxed) == 3)
    #expect(limit.share(of: 30) == 0.3)  // the fourth: 80, which is no better
    #expect(measured.taken.load(ordering: .relaxed) == 4)
    #expect(limit.flops == 100)
  }

  @Test("no share is beyond the whole: what a step reached is the least that the machine can do")
  func neverBeyond() {
    let measured = Measurements([50])
    var limit = MachineLimitSeen { measured.next() }
    for speed in [10, 49, 120, 119, 240.0] {
      let share = limit.share(of: speed) ?? .nan
      #expect(share > 0 && share <= 1, "\(speed)")
    }
    #expect(limit.flops == 240)
    #expect(limit.share(of: .infinity) == nil)
  }

  @Test("without a measurement there is no share, and one that fails later takes nothing away")
  func unknown() {
    var none = MachineLimitSeen { nil }
    #expect(none.share(of: 10) == nil)
    let measured = Measurements([50, nil])
    var limit = MachineLimitSeen { measured.next() }
    #expect(limit.share(of: 10) == 0.2)
  }

  @Test("the machine reaches something")
  func measured() throws {
    #expect(try #require(MachineLimit.flops(threads: 1)) > 1e8)
  }
}
