// TokenSequence: the ids of one split, held or mapped, behind one door.
// Samplers read ranges of it and know no file.

/// Ids in order.
package struct TokenSequence: Sendable {
  private enum Storage: Sendable {
    case narrow([UInt16])
    case wide([UInt32])
    case mapped(TokenFile)
  }

  private let storage: Storage
  private let range: Range<Int>
  /// What the ids come from, for messages.
  package let name: String

  private init(_ storage: Storage, _ range: Range<Int>, name: String) {
    self.storage = storage
    self.range = range
    self.name = name
  }

  /// Ids in memory.
  package init(_ ids: [UInt16], name: String = "the data") {
    self.init(.narrow(ids), ids.indices, name: name)
  }

  /// Ids in memory, of more than 65,536 kinds.
  package init(_ ids: [UInt32], name: String = "the data") {
    self.init(.wide(ids), ids.indices, name: name)
  }

  /// The ids of a mapped file.
  package init(_ file: TokenFile) {
    self.init(.mapped(file), 0..<file.count, name: file.path)
  }

  package var count: Int { range.count }

  /// A part, by positions in this sequence.
  func part(_ part: Range<Int>, name: String) -> TokenSequence {
    precondition(
      part.lowerBound >= 0 && part.upperBound <= count, "tokens \(part) of \(count)")
    return TokenSequence(
      storage, range.lowerBound + part.lowerBound..<range.lowerBound + part.upperBound, name: name)
  }

  /// The id at a position.
  package subscript(position: Int) -> Int {
    precondition((0..<count).contains(position), "token \(position) of \(count)")
    let place = range.lowerBound + position
    return switch storage {
    case .narrow(let ids): Int(ids[place])
    case .wide(let ids): Int(ids[place])
    case .mapped(let file): file[place]
    }
  }

  /// Appends a range of ids as kernels take them.
  package func append(_ part: Range<Int>, to ids: inout [Int32]) {
    precondition(
      part.lowerBound >= 0 && part.upperBound <= count, "tokens \(part) of \(count)")
    let places = range.lowerBound + part.lowerBound..<range.lowerBound + part.upperBound
    switch storage {
    case .narrow(let held): ids.append(contentsOf: held[places].lazy.map { Int32($0) })
    case .wide(let held): ids.append(contentsOf: held[places].lazy.map { Int32(clamping: $0) })
    case .mapped(let file): file.append(places, to: &ids)
    }
  }
}
