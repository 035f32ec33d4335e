// CheckpointEquations: what the shapes of a file say about the fields of a config.
// Apart from their solution, which knows no tensors.
import Dimensions
import Interchange

/// The equations between a file's sizes and the formulas of a model's weights.
struct CheckpointEquations {
  private(set) var all: [ShapeEquation] = []

  /// - Parameters:
  ///   - stored: what the file holds.
  ///   - spelled: the model with its integer fields spelled out, so that formulas name them.
  ///   - map: the pairing of the file with the model; names outside it are paired by pattern.
  ///   - isWhole: false when some of the file was not read, so that lists may be longer.
  init(
    _ stored: [StoredWeight], _ spelled: ExpectedWeights, map: NameMap, isWhole: Bool = true
  ) {
    var owners: [String: String] = [:]
    for match in map.matches { owners[match.tensor] = match.parameter }
    for mismatch in map.mismatched { owners[mismatch.tensor] = mismatch.parameter }
    let patterns = Self.formulas(of: spelled)
    for weight in stored {
      let name = owners[weight.name] ?? weight.name
      guard
        let formula = spelled[name]?.formula ?? patterns[TensorPattern(name).text].flatMap({ $0 }),
        formula.count == weight.shape.count
      else { continue }
      // A matrix that lies the other way round says nothing of sizes.
      if let shape = spelled[name]?.shape, shape != weight.shape, shape == weight.shape.reversed() {
        continue
      }
      for (axis, size) in weight.shape.enumerated() {
        all.append(ShapeEquation(formula: formula[axis], found: size))
      }
    }
    guard isWhole else { return }
    addLengths(stored.map { owners[$0.name] ?? $0.name }, spelled, Set(patterns.keys))
  }

  /// The formulas of each pattern; `nil` where layers of one list differ.
  private static func formulas(of expected: ExpectedWeights) -> [String: [Dimension]?] {
    var formulas: [String: [Dimension]?] = [:]
    for weight in expected.weights {
      let pattern = TensorPattern(weight.name).text
      if let known = formulas[pattern] {
        if known != weight.formula { formulas[pattern] = .some(nil) }
      } else {
        formulas[pattern] = weight.formula
      }
    }
    return formulas
  }

  /// How many layers each list has in the file.
  private mutating func addLengths(
    _ names: [String], _ spelled: ExpectedWeights, _ patterns: Set<String>
  ) {
    let found = LayerNumbers(names, lists: Set(spelled.lists.keys), patterns: patterns)
    for (prefix, list) in spelled.lists {
      guard let length = found.length(of: prefix) else { continue }
      // Several runs of unlike layers have a length and no formula; their field is found by it.
      all.append(ShapeEquation(formula: list.formula, found: length))
    }
  }
}

/// Which layers of each list a file has.
struct LayerNumbers {
  /// For each list, how many tensors each layer has.
  private(set) var layers: [String: [Int: Int]] = [:]

  /// - Parameters:
  ///   - names: of tensors.
  ///   - lists: the patterns of the model's lists.
  ///   - patterns: of the model's weights; tensors outside them make no layer.
  init(_ names: [String], lists: Set<String>, patterns: Set<String>) {
    for name in names {
      let pattern = TensorPattern(name)
      guard !pattern.indices.isEmpty, patterns.contains(pattern.text) else { continue }
      var prefix = ""
      var depth = 0
      for part in pattern.text.split(separator: ".", omittingEmptySubsequences: false) {
        if part == "*" {
          if lists.contains(prefix) {
            layers[prefix, default: [:]][pattern.indices[depth], default: 0] += 1
          }
          depth += 1
        }
        prefix += prefix.isEmpty ? String(part) : ".\(part)"
      }
    }
  }

  /// The length of a list whose layers are numbered from 0 without a gap.
  func length(of list: String) -> Int? {
    guard let found = layers[list], let last = found.keys.max(), last < 1 << 20,
      found.count == last + 1
    else { return nil }
    return found.count
  }
}
