// GGUFHeader: the table of a GGUF file, checked in full before anything trusts it.
// Apart from the parser, which only reads; values are read by whoever needs them.

/// One tensor of a GGUF file.
package struct GGUFTensor: Hashable, Sendable {
  package let name: String
  package let type: GGUFType
  /// The axes, the fastest one last as everywhere here; the file has them the other way round.
  package let shape: [Int]
  /// The bytes of the tensor, counted from ``GGUFHeader/dataOffset``.
  package let range: Range<Int>
  /// Where its entry begins in the file.
  package let offset: Int
}

/// The names, types, shapes and places of a GGUF file's tensors, and its metadata.
///
/// - Source: the format's description, https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
package struct GGUFHeader: Hashable, Sendable {
  /// Where tensors begin unless `general.alignment` says otherwise.
  package static let defaultAlignment = 32

  package let version: UInt32
  /// The tensors that are well formed, in the order of the header.
  package private(set) var tensors: [GGUFTensor] = []
  /// Names of tensors that are there but not well formed.
  package private(set) var damaged: Set<String> = []
  /// The keys in their order.
  package private(set) var keys: [String] = []
  /// The values; of a key that is given twice, the first.
  package private(set) var metadata: [String: GGUFValue] = [:]
  package private(set) var alignment = defaultAlignment
  /// Where the data starts in the file.
  package private(set) var dataOffset = 0
  /// The size of the file in bytes.
  package let fileSize: Int
  private var indices: [String: Int] = [:]

  /// The tensor of a name.
  package subscript(name: String) -> GGUFTensor? { indices[name].map { tensors[$0] } }

  /// Reads the header of the file at a path.
  ///
  /// - Throws: ``GGUFError``, the first of what is wrong.
  package init(path: String) throws(GGUFError) {
    let scan: (header: GGUFHeader?, problems: [GGUFError])
    do throws(FileFault) {
      scan = GGUFHeader.scan(try HeaderFile(path: path))
    } catch {
      throw .file(error)
    }
    if let problem = scan.problems.first { throw problem }
    guard let header = scan.header else { preconditionFailure("no header and no problem: \(path)") }
    self = header
  }

  /// Reads a header and tells everything that is wrong with it.
  ///
  /// - Returns: what could be read, unless reading had to stop, and the problems in their order.
  package static func scan(
    _ file: consuming HeaderFile
  ) -> (header: GGUFHeader?, problems: [GGUFError]) {
    var parser = GGUFParser(file)
    do throws(GGUFError) {
      var header = try GGUFHeader(&parser)
      return (header, parser.problems + header.judgeCover())
    } catch {
      return (nil, parser.problems + [error])
    }
  }

  private init(_ parser: inout GGUFParser) throws(GGUFError) {
    let frame = try parser.frame()
    version = frame.version
    fileSize = parser.file.size
    var places: [String: Int] = [:]
    for _ in 0..<frame.keys {
      let entry = try parser.entry()
      if let first = places[entry.key] {
        parser.note(.duplicateKey(key: entry.key, first: first, second: entry.offset))
        continue
      }
      places[entry.key] = entry.offset
      keys.append(entry.key)
      metadata[entry.key] = entry.value
    }
    if let given = metadata["general.alignment"] {
      guard let value = given.integer, value >= 8, value <= 1 << 20, value & (value - 1) == 0 else {
        throw .badAlignment(
          offset: places["general.alignment"] ?? 0, found: given.integer.map { "\($0)" } ?? "none")
      }
      alignment = value
    }
    var raw: [GGUFRawTensor] = []
    for _ in 0..<frame.tensors { raw.append(try parser.tensor()) }
    dataOffset = Self.aligned(parser.offset, alignment)
    var names: [String: Int] = [:]
    for tensor in raw {
      if let first = names[tensor.name] {
        parser.note(
          .duplicateName(tensor: tensor.name, first: first, second: tensor.offset))
        continue
      }
      names[tensor.name] = tensor.offset
      do throws(GGUFError) {
        tensors.append(try judged(tensor))
        indices[tensor.name] = tensors.count - 1
      } catch {
        parser.note(error)
        damaged.insert(tensor.name)
      }
    }
  }

  private func judged(_ raw: GGUFRawTensor) throws(GGUFError) -> GGUFTensor {
    var shape: [Int] = []
    for (axis, size) in raw.axes.reversed().enumerated() {
      guard size <= UInt64(Int.max) else {
        throw .badDimension(offset: raw.offset, tensor: raw.name, axis: axis, found: size)
      }
      shape.append(Int(size))
    }
    guard let type = GGUFType(rawValue: raw.type) else {
      throw .unknownType(offset: raw.offset, tensor: raw.name, number: raw.type)
    }
    let row = shape.last ?? 1
    guard row % type.blockElements == 0 else {
      throw .partialBlock(offset: raw.offset, tensor: raw.name, type: type, axis: row)
    }
    guard let bytes = type.byteCount(of: shape) else {
      throw .shapeTooLarge(offset: raw.offset, tensor: raw.name, shape: shape)
    }
    guard raw.place % UInt64(alignment) == 0 else {
      throw .misaligned(
        offset: raw.offset, tensor: raw.name, place: raw.place, alignment: alignment)
    }
    let available = max(fileSize - dataOffset, 0)
    guard let begin = Int(exactly: raw.place), begin <= available, bytes <= available - begin
    else {
      throw .beyondFile(
        offset: raw.offset, tensor: raw.name, begin: raw.place, bytes: bytes, available: available)
    }
    return GGUFTensor(
      name: raw.name, type: type, shape: shape, range: begin..<begin + bytes, offset: raw.offset)
  }

  /// What is wrong with the tensors together; those that lie on others count as damaged no more
  /// than the others.
  private mutating func judgeCover() -> [GGUFError] {
    var problems: [GGUFError] = []
    var covered = 0
    var previous = ""
    let ordered = tensors.sorted {
      ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound)
    }
    for tensor in ordered {
      let begin = tensor.range.lowerBound
      if begin < covered {
        problems.append(
          .overlap(
            offset: tensor.offset, tensor: tensor.name, begin: begin, other: previous,
            otherEnd: covered))
      } else if damaged.isEmpty, begin > Self.aligned(covered, alignment) {
        // A tensor that could not be judged may well fill it.
        problems.append(
          .hole(offset: tensor.offset, tensor: tensor.name, from: covered, to: begin))
      }
      if tensor.range.upperBound >= covered {
        covered = tensor.range.upperBound
        previous = tensor.name
      }
    }
    let available = max(fileSize - dataOffset, 0)
    if damaged.isEmpty, available > Self.aligned(covered, alignment) {
      problems.append(.trailingBytes(count: available - covered, after: covered))
    }
    return problems
  }

  private static func aligned(_ offset: Int, _ alignment: Int) -> Int {
    (offset + alignment - 1) / alignment * alignment
  }
}
