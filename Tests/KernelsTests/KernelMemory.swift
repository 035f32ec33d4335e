// KernelMemory: what a law lends to a fast kernel: memory with guards around it, and somebody to run jobs.
// A write outside its operand changes a guard, so that laws see it without a sanitizer.
import Execution
import Kernels
import Testing

/// Owns the operands of one law.
final class KernelMemory {
  private struct Block {
    var base: UnsafeMutableRawPointer
    /// Where the first guard starts.
    var start: UnsafeMutableRawPointer
    var bytes: Int
  }

  private static let guardBytes = 128
  private static let mark: UInt8 = 0xA5
  private var blocks: [Block] = []
  private let pool: ThreadPool

  init(threads: Int = 3) {
    pool = ThreadPool(threads: threads)
  }

  deinit {
    for block in blocks { block.base.deallocate() }
  }

  /// Memory aligned to an element alone, unless `aligned`: kernels may expect no more of operands.
  func reals(_ elements: [Float], aligned: Bool = false) -> Place<Float> {
    let place = Place(allocate(elements.count, as: Float.self, aligned: aligned))
    for (index, element) in elements.enumerated() { place.pointer[index] = element }
    return place
  }

  func indices(_ elements: [Int32]) -> Place<Int32> {
    let place = Place(allocate(elements.count, as: Int32.self, aligned: false))
    for (index, element) in elements.enumerated() { place.pointer[index] = element }
    return place
  }

  func masks(_ elements: [Bool]) -> Place<Bool> {
    let place = Place(allocate(elements.count, as: Bool.self, aligned: false))
    for (index, element) in elements.enumerated() { place.pointer[index] = element }
    return place
  }

  /// Memory that no kernel should take for zeros.
  func garbage(_ count: Int, aligned: Bool = false) -> Place<Float> {
    reals(Array(repeating: .nan, count: count), aligned: aligned)
  }

  func elements(_ place: Place<Float>, _ count: Int) -> [Float] {
    (0..<count).map { place.pointer[$0] }
  }

  /// Runs jobs with memory for each worker, and looks at the guards.
  func run(_ jobs: [KernelJob], scratch: Int = 0) {
    let line = (scratch + 63) / 64 * 64 + 64
    let memory = UnsafeMutableRawPointer.allocate(byteCount: line * pool.threads, alignment: 64)
    defer { memory.deallocate() }
    for job in jobs { pool.run(job) { memory + line * $0 } }
    checkGuards()
  }

  private func checkGuards() {
    for (number, block) in blocks.enumerated() {
      let bytes = block.start.assumingMemoryBound(to: UInt8.self)
      let end = KernelMemory.guardBytes + block.bytes
      let intact =
        (0..<KernelMemory.guardBytes).allSatisfy { bytes[$0] == KernelMemory.mark }
        && (end..<end + KernelMemory.guardBytes).allSatisfy { bytes[$0] == KernelMemory.mark }
      #expect(intact, "a kernel wrote outside operand \(number)")
    }
  }

  private func allocate<Element>(
    _ count: Int, as type: Element.Type, aligned: Bool
  ) -> UnsafeMutablePointer<Element> {
    let size = MemoryLayout<Element>.stride
    // Off the cache line by one element, so that an aligned load would be noticed.
    let offset = KernelMemory.guardBytes + (aligned ? 0 : size)
    let bytes = count * size
    let base = UnsafeMutableRawPointer.allocate(
      byteCount: bytes + 2 * KernelMemory.guardBytes + 64, alignment: 64)
    let start = aligned ? base : base + size
    blocks.append(Block(base: base, start: start, bytes: bytes))
    start.initializeMemory(
      as: UInt8.self, repeating: KernelMemory.mark, count: bytes + 2 * KernelMemory.guardBytes)
    return (base + offset).bindMemory(to: type, capacity: count)
  }
}

/// A seeded source for extents and elements.
struct KernelRandom: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) {
    state = seed
  }

  // SplitMix64.
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  mutating func reals(_ count: Int, _ range: ClosedRange<Float> = -2...2) -> [Float] {
    (0..<count).map { _ in Float.random(in: range, using: &self) }
  }

  mutating func indices(_ count: Int, below limit: Int) -> [Int32] {
    (0..<count).map { _ in Int32.random(in: 0..<Int32(limit), using: &self) }
  }
}

/// Whether two lists agree within `relative` of the larger element, or within `absolute`.
func agree(
  _ left: [Float], _ right: [Float], relative: Float, absolute: Float = 0
) -> Bool {
  left.count == right.count
    && zip(left, right).allSatisfy { left, right in
      left == right || (left.isNaN && right.isNaN)
        || abs(left - right) <= max(absolute, relative * max(abs(left), abs(right)))
    }
}
