// HardFiles: model files at the limits of what anyone would feed the tool, and beyond.
// They are written piece by piece: a child inherits the peak memory of the program that starts it.
import Foundation

/// A file that is hard to check.
enum HardFile: String, CaseIterable {
  case thousandLayers = "1 000 layers of GPT-2"
  case garbage = "10 MB of random bytes"
  case nesting = "10 000 nested parentheses"
  case repetition = "a repeat of 100 000 layers"
  case distinct = "1 000 layers, each of its own width"

  /// The file's name.
  var name: String {
    switch self {
    case .thousandLayers: "thousand-layers.model"
    case .garbage: "garbage.model"
    case .nesting: "nesting.model"
    case .repetition: "repetition.model"
    case .distinct: "distinct.model"
    }
  }

  /// Writes the file.
  ///
  /// - Parameter directory: where; the caller removes it.
  /// - Returns: the file's path.
  /// - Throws: what the file system says.
  func write(in directory: URL) throws -> String {
    let url = directory.appendingPathComponent(name)
    guard FileManager.default.createFile(atPath: url.path, contents: nil) else {
      throw BenchmarkFailure("\(url.path) can't be written")
    }
    let file = try FileHandle(forWritingTo: url)
    switch self {
    case .thousandLayers:
      try file.write(
        contentsOf: Data(
          "import \"gpt2.model\"\n\nmodel deep = gpt2 {\n  config layers = 1_000\n}\n".utf8))
    case .garbage:
      var random = SplitMix(state: 1)
      for _ in 0..<160 { try file.write(contentsOf: Data((0..<62_500).map { _ in random.byte() })) }
    case .nesting:
      let count = 10_000
      let deep = String(repeating: "(", count: count) + "1" + String(repeating: ")", count: count)
      try file.write(contentsOf: Data("model m {\n  let a = \(deep)\n}\n".utf8))
    case .repetition:
      try file.write(contentsOf: Data(Self.chain(of: "repeat 100_000 step(8)").utf8))
    case .distinct:
      try file.write(contentsOf: Data(Self.chain(of: "repeat 1_000 as i step(i + 1)").utf8))
    }
    try file.close()
    return url.path
  }

  private static func chain(of list: String) -> String {
    """
    block step(hidden: Int) {
      let grow = linear(8, hidden)
      let back = linear(hidden, 8)

      forward(x: [B, 8]) -> [B, 8] {
        return x + back(relu(grow(x)))
      }
    }

    model m {
      let h = \(list)

      forward(x: [B, 8]) -> [B, 8] {
        return h(x)
      }
    }

    """
  }
}

/// Reproducible bytes.
///
/// - Source: Steele, Lea and Flood 2014, doi:10.1145/2660193.2660195 (SplitMix64)
private struct SplitMix {
  var state: UInt64

  mutating func byte() -> UInt8 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return UInt8(truncatingIfNeeded: mixed ^ (mixed >> 31))
  }
}
