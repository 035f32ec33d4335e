// LoadedModel+Family: the Hugging Face `model_type` that a model file states, also by derivation.
// Adapters ask it, because PEFT's default targets go by family.
import Analysis
import Diagnostics
import Dimensions
import IR
import Language
import Validation

extension LoadedModel {
  /// The family of the model; `nil` when neither it nor what it derives from states one.
  package var family: String? {
    guard library.files.indices.contains(file) else { return nil }
    var names = library.files[file].names
    var declaration: ModelDeclaration?
    for case .model(let model) in library.files[file].syntax.declarations.reversed() {
      declaration = model
      break
    }
    // A derivation can't be longer than there are models.
    for _ in 0..<1_000 {
      guard let model = declaration else { return nil }
      for case .family(let value, _) in model.members { return value }
      guard let base = model.base, let reference = names[base.text],
        case .model(let next) = library[reference]
      else { return nil }
      names = library.files[reference.file].names
      declaration = next
    }
    return nil
  }
}

/// Sizes at which the work of a step is told.
package struct AdapterSizes: Hashable, Sendable {
  package private(set) var sizes: [Symbol: Int] = [:]
  /// Those that nobody gave.
  package private(set) var chosen: [Symbol] = []

  /// One example, and the longest sequence that the model takes, up to 1024.
  package init(_ program: Program, given: [Symbol: Int]) {
    for symbol in program.dimensions.map(\.symbol) {
      if let size = given[symbol] {
        sizes[symbol] = size
        continue
      }
      chosen.append(symbol)
      let bounds = program.assumptions.bounds(of: symbol)
      let upper = min(bounds.upper ?? 1_024, 1_024)
      sizes[symbol] = max(symbol.name == "B" ? 1 : upper, bounds.lower ?? 1)
    }
    if !program.assumptions.hold(at: sizes), let small = try? SampleSizes(program, given: given) {
      sizes = small.sizes
    }
  }

  /// `B = 1, T = 1024`.
  package var text: String {
    sizes.sorted { $0.key < $1.key }.map { "\($0.key) = \($0.value)" }.joined(separator: ", ")
  }

  /// The tokens of one step: the product of all sizes that name the first two axes of the input.
  package func tokens(_ program: Program) -> Int? {
    guard let entry = program.entry, let input = program[entry].inputs.first else { return nil }
    let count = program[entry].type(of: input).elementCount.evaluate(sizes)
    return count.flatMap { Int(exactly: $0) }
  }
}
