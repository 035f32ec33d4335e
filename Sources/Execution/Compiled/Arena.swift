// Arena: the one allocation of a planned step.
// Raw memory stops here: what leaves are places, which the plan has shown not to clash.
import Foundation
import Kernels

/// Memory of a fixed size, all zero at first, aligned to a page.
struct Arena: ~Copyable {
  let bytes: Int
  private let base: UnsafeMutableRawPointer
  private let mapped: Int

  /// Asks the system for memory, which is really taken page by page as it is touched.
  ///
  /// - Throws: ``ExecutionFault/tooLarge(_:bytes:limit:)`` when the system refuses.
  init(bytes: Int) throws(ExecutionFault) {
    self.bytes = bytes
    let page = Int(sysconf(Int32(_SC_PAGESIZE)))
    mapped = (max(bytes, 1) + page - 1) / page * page
    let memory = mmap(
      nil, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | Arena.anonymous, -1, 0)
    guard let memory, memory != MAP_FAILED else {
      throw .tooLarge("the step", bytes: "\(bytes)", limit: Int.max)
    }
    base = memory
    #if os(Linux)
    // Large pages spare the address translation of matrices that are read by columns.
    if mapped >= 1 << 22 { madvise(base, mapped, Int32(MADV_HUGEPAGE)) }
    #endif
  }

  deinit {
    munmap(base, mapped)
  }

  /// The byte at an offset.
  func place(at offset: Int) -> Place<UInt8> {
    precondition(offset >= 0 && offset <= mapped, "offset \(offset) of an arena of \(bytes) bytes")
    return Place(base.assumingMemoryBound(to: UInt8.self) + offset)
  }

  func raw(at offset: Int) -> UnsafeMutableRawPointer { base + offset }

  /// Fills a range with a byte, so that it can be seen later what was written.
  func paint(_ range: Range<Int>, with byte: UInt8) {
    memset(base + range.lowerBound, Int32(byte), range.count)
  }

  /// The end of the last byte of a range that is not the given one; the range's start when all are.
  func end(of range: Range<Int>, otherThan byte: UInt8) -> Int {
    var offset = range.upperBound
    while offset > range.lowerBound,
      base.load(fromByteOffset: offset - 1, as: UInt8.self) == byte
    {
      offset -= 1
    }
    return offset
  }

  #if os(Linux)
  private static let anonymous = Int32(MAP_ANONYMOUS)
  #else
  private static let anonymous = MAP_ANON
  #endif
}
