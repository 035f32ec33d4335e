// MemoryReading: the bytes that a run really held, counted from its arrays.
// Apart from the prediction on purpose: the two are compared and may not share code.
import Kernels

/// What a run held, in bytes.
///
/// Values of 64-bit integers are held as 32-bit ones and count as such.
package struct MemoryReading: Hashable, Sendable {
  /// The weights, which live through the run and belong to the caller.
  package internal(set) var parameterBytes = 0
  /// The inputs, likewise.
  package internal(set) var inputBytes = 0
  /// The most that the values made by nodes, gradients among them, occupied at one time; each
  /// value counts for itself, also when it shares storage with another.
  package internal(set) var peakBytes = 0
  /// The node at whose end the peak was first reached; `nil` when nothing was made.
  package internal(set) var peakNode: Int?
  /// The same peak with storage that several values share counted once, and storage of weights
  /// and inputs not at all.
  package internal(set) var peakStorageBytes = 0
  /// What is left at the end: outputs and gradients.
  package internal(set) var finalBytes = 0
  /// For each node, the bytes when its results exist and its operands have not died yet.
  package internal(set) var bytesAtNode: [Int] = []

  package init() {}
}

/// Counts arrays as they come and go.
struct MemoryLedger {
  private(set) var reading = MemoryReading()
  private var bytes = 0
  private var storageBytes = 0
  /// How many values hold each storage, by the address of its first element.
  private var holders: [UInt: Int] = [:]

  mutating func supply<Scalar>(parameter array: NDArray<Scalar>) {
    reading.parameterBytes += array.byteCount
    hold(array)
  }

  mutating func supply<Scalar>(input array: NDArray<Scalar>) {
    reading.inputBytes += array.byteCount
    hold(array)
  }

  mutating func allocate<Scalar>(_ array: NDArray<Scalar>) {
    bytes += array.byteCount
    if hold(array) { storageBytes += array.byteCount }
  }

  /// Reads the level after the results of a node exist.
  mutating func mark(node: Int) {
    reading.bytesAtNode.append(bytes)
    if bytes > reading.peakBytes {
      reading.peakBytes = bytes
      reading.peakNode = node
    }
    reading.peakStorageBytes = max(reading.peakStorageBytes, storageBytes)
  }

  mutating func release<Scalar>(_ array: NDArray<Scalar>) {
    bytes -= array.byteCount
    guard let address = array.storageAddress, let count = holders[address] else { return }
    holders[address] = count == 1 ? nil : count - 1
    if count == 1 { storageBytes -= array.byteCount }
  }

  mutating func finish() -> MemoryReading {
    reading.finalBytes = bytes
    return reading
  }

  /// Returns whether the storage is new.
  @discardableResult
  private mutating func hold<Scalar>(_ array: NDArray<Scalar>) -> Bool {
    guard let address = array.storageAddress else { return false }
    holders[address, default: 0] += 1
    return holders[address] == 1
  }
}

extension NDArray {
  /// The address of the first element, which tells storages apart while they live.
  fileprivate var storageAddress: UInt? {
    func address<Element>(_ elements: [Element]) -> UInt? {
      elements.withUnsafeBytes { bytes in
        bytes.isEmpty ? nil : bytes.baseAddress.map { UInt(bitPattern: $0) }
      }
    }
    return switch payload {
    case .real(let elements): address(elements)
    case .index(let elements): address(elements)
    case .mask(let elements): address(elements)
    }
  }
}
