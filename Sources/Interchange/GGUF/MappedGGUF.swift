// MappedGGUF: a GGUF file as the checkpoint that it was made from: names, order and numbers.
// Apart from the header, which is read without mapping anything.

/// A GGUF file whose tensors are read as those of a Hugging Face checkpoint.
///
/// What llama.cpp's converter did to values on the way is undone: reordered heads, transposed
/// matrices, norms with one added, experts in one piece.
package struct MappedGGUF: ~Copyable, WeightsFile {
  package let header: GGUFHeader
  private let file: MappedFile
  private let slots: [Slot]
  private let places: [String: Int]

  /// A tensor of the checkpoint: a tensor of the file, or one expert's part of it.
  private struct Slot: Sendable {
    var name: String
    var shape: [Int]
    var tensor: GGUFTensor
    var change: GGUFChange
    var expert = 0
  }

  /// Maps the file at a path and checks its header in full.
  ///
  /// - Throws: ``SafetensorsError/file(path:reason:)`` for a header that is wrong, and for an
  ///   architecture whose names are not known.
  package init(path: String) throws(SafetensorsError) {
    let header: GGUFHeader
    do throws(GGUFError) {
      header = try GGUFHeader(path: path)
    } catch {
      throw .file(path: path, reason: "\(error)")
    }
    guard let names = GGUFNames(header) else {
      let found = header.metadata["general.architecture"]?.text ?? "none"
      throw .file(path: path, reason: "the architecture `\(found)` has no table of names")
    }
    file = try MappedFile(path: path)
    self.header = header
    slots = header.tensors.flatMap { Self.slots(of: $0, names) }
    places = Dictionary(
      slots.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
  }

  package var path: String { file.path }

  package var tensors: [(name: String, shape: [Int])] { slots.map { ($0.name, $0.shape) } }

  package borrowing func place(
    _ name: String
  ) throws(SafetensorsError) -> UnsafeBufferPointer<Float>? {
    let slot = try slot(name)
    guard slot.tensor.type == .f32, slot.change == .none, slot.shape == slot.tensor.shape,
      1.littleEndian == 1
    else { return nil }
    let bytes = try bytes(of: slot)
    guard let start = bytes.baseAddress,
      Int(bitPattern: start) % MemoryLayout<Float>.alignment == 0
    else { return nil }
    // The bytes are never written, and no other type is ever bound to them.
    return UnsafeBufferPointer(
      start: start.assumingMemoryBound(to: Float.self),
      count: bytes.count / MemoryLayout<Float>.stride)
  }

  package borrowing func floats(_ name: String) throws(SafetensorsError) -> [Float] {
    let slot = try slot(name)
    let bytes = try bytes(of: slot)
    guard let values = GGUFDecoder(type: slot.tensor.type, bytes: bytes).floats() else {
      throw .file(
        path: path,
        reason: "`\(slot.tensor.name)` is stored as \(slot.tensor.type.name), which is not read;"
          + " \(GGUFDecoder.readable.map(\.name).joined(separator: ", ")) are")
    }
    return try undone(slot, values)
  }

  /// How much slower each pair of features turns than its base says, in short texts and in long
  /// ones; nil where the file has no such factors.
  package borrowing func rotaryFactors() -> (short: [Float], long: [Float])? {
    if let both = constant("rope_freqs.weight") { return (both, both) }
    guard let short = constant("rope_factors_short.weight"),
      let long = constant("rope_factors_long.weight")
    else { return nil }
    return (short, long)
  }

  private borrowing func constant(_ name: String) -> [Float]? {
    guard let tensor = header[name] else { return nil }
    let slot = Slot(name: name, shape: tensor.shape, tensor: tensor, change: .none)
    guard let bytes = try? bytes(of: slot) else { return nil }
    return GGUFDecoder(type: tensor.type, bytes: bytes).floats()
  }

  package borrowing func doubles(_ name: String) throws(SafetensorsError) -> [Double] {
    try floats(name).map { Double($0) }
  }

  package borrowing func holdsSame(
    _ name: String, _ other: String
  ) throws(SafetensorsError) -> Bool {
    let (left, right) = (try slot(name), try slot(other))
    guard left.shape == right.shape else { return false }
    if left.tensor.type == right.tensor.type, left.change == right.change {
      return try bytes(of: left).elementsEqual(bytes(of: right))
    }
    return try floats(name) == floats(other)
  }

  // MARK: Names

  private static func slots(of tensor: GGUFTensor, _ names: GGUFNames) -> [Slot] {
    if GGUFNames.isConstant(tensor.name) { return [] }
    guard let target = names.target(of: tensor.name) else {
      return [Slot(name: tensor.name, shape: tensor.shape, tensor: tensor, change: .none)]
    }
    let shape = target.change == .transposed ? tensor.shape.reversed() : tensor.shape
    guard target.isStack, let count = tensor.shape.first else {
      return [Slot(name: target.name, shape: shape, tensor: tensor, change: target.change)]
    }
    let parts = target.name.split(separator: "*", maxSplits: 1, omittingEmptySubsequences: false)
    return (0..<count).map { expert in
      Slot(
        name: parts.joined(separator: "\(expert)"), shape: Array(tensor.shape.dropFirst()),
        tensor: tensor, change: target.change, expert: expert)
    }
  }

  private func slot(_ name: String) throws(SafetensorsError) -> Slot {
    guard let place = places[name] else { throw .noSuchTensor(name: name) }
    return slots[place]
  }

  /// The size is asked for once more, so that a file that was cut is an error as long as possible.
  private borrowing func bytes(
    of slot: Slot
  ) throws(SafetensorsError) -> UnsafeRawBufferPointer {
    try file.checkSize()
    let whole = slot.tensor.range
    let isPart = slot.shape.count < slot.tensor.shape.count
    let count = isPart ? whole.count / max(slot.tensor.shape[0], 1) : whole.count
    let start = header.dataOffset + whole.lowerBound + (isPart ? slot.expert * count : 0)
    return file.bytes(start..<start + count)
  }

  // MARK: Numbers

  private func undone(_ slot: Slot, _ values: [Float]) throws(SafetensorsError) -> [Float] {
    switch slot.change {
    case .none: return values
    case .plusOne: return values.map { $0 - 1 }
    case .transposed:
      guard slot.shape.count == 2 else { return values }
      let (rows, columns) = (slot.shape[0], slot.shape[1])
      return (0..<values.count).map { values[$0 % columns * rows + $0 / columns] }
    case .headRowsInterleaved:
      let heads = try heads(slot)
      return try reordered(slot, values, multiple: 2 * heads) { row, rows in
        let half = rows / heads / 2
        let (head, inside) = (row / (2 * half), row % (2 * half))
        return head * 2 * half + inside % half * 2 + inside / half
      }
    case .headsRegrouped:
      let heads = try heads(slot)
      return try reordered(slot, values, multiple: 3 * heads) { row, rows in
        let width = rows / heads / 3
        let (head, inside) = (row / (3 * width), row % (3 * width))
        return inside / width * heads * width + head * width + inside % width
      }
    }
  }

  /// Rows in another order, each given the row of the file that holds it.
  private func reordered(
    _ slot: Slot, _ values: [Float], multiple: Int, _ source: (Int, Int) -> Int
  ) throws(SafetensorsError) -> [Float] {
    guard let rows = slot.shape.first, rows > 0, rows % multiple == 0 else {
      throw .file(
        path: path,
        reason: "the rows of `\(slot.tensor.name)` \(slot.shape) do not split into its heads")
    }
    let width = values.count / rows
    var result: [Float] = []
    result.reserveCapacity(values.count)
    for row in 0..<rows {
      let start = source(row, rows) * width
      result += values[start..<start + width]
    }
    return result
  }

  /// How many heads the rows of a projection have.
  private func heads(_ slot: Slot) throws(SafetensorsError) -> Int {
    let architecture = header.metadata["general.architecture"]?.text ?? ""
    let isKey = slot.tensor.name.contains("attn_k.")
    let all = header.metadata["\(architecture).attention.head_count"]
    let keys = header.metadata["\(architecture).attention.head_count_kv"]
    let given = isKey ? keys ?? all : all
    // Some models give a number for each layer.
    let layer = slot.tensor.name.split(separator: ".").compactMap { Int($0) }.first ?? 0
    let count =
      given?.integer
      ?? given?.elements.flatMap { list in
        list.indices.contains(layer) ? list[layer].integer : nil
      }
    guard let count, count > 0, count < 1 << 20 else {
      throw .file(
        path: path, reason: "`\(slot.tensor.name)` has heads, but the metadata counts none")
    }
    return count
  }
}
