// StepWeights: the weights of a step, from a file or from their initialisers.
// The names that the file gives them are kept, because results are written under those.
import Diagnostics
import Execution
import IR
import Interchange
import Kernels

/// One array for each weight of a graph, in its order.
package struct StepWeights<Scalar: KernelScalar>: Sendable {
  package var arrays: [NDArray<Scalar>]
  /// What the weights file calls each; the model's own names without a file.
  package var names: [String]

  /// Fills weights from their initialisers: the same seed, the same bits.
  ///
  /// - Throws: ``RunFailure`` when the weights don't fit the memory.
  package init(initialising step: StepGraph, seed: UInt64) throws(RunFailure) {
    do throws(ExecutionFault) {
      arrays = try Initialisation(seed: seed).parameters(of: step.graph)
    } catch {
      throw RunFailure(error)
    }
    names = step.graph.parameters.map(\.name)
  }

  /// Reads weights from a safetensors or a GGUF file.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - step: whose weights.
  ///   - fresh: weights that the file need not hold, such as those of adapters; they begin at their
  ///     initialisers.
  ///   - seed: for those.
  /// - Throws: ``RunFailure`` when a weight is missing or has another shape, when the file holds a
  ///   tensor that the model has no place for, or two different values for one tied weight.
  package init(
    reading path: String, for step: StepGraph, fresh: Set<String> = [], seed: UInt64 = 0
  ) throws(RunFailure) {
    if path.hasSuffix(".gguf") {
      try self.init(WeightsOpening.gguf(path), for: step, fresh, seed)
    } else {
      try self.init(WeightsOpening.safetensors(path), for: step, fresh, seed)
    }
  }

  private init(
    _ file: borrowing some WeightsFile & ~Copyable, for step: StepGraph, _ fresh: Set<String>,
    _ seed: UInt64
  ) throws(RunFailure) {
    let tensors = try WeightFindings.tensors(of: file, for: step, fresh: fresh)
    names = zip(tensors, step.weights).map { $0 ?? $1.name }
    arrays = []
    for (index, tensor) in tensors.enumerated() {
      guard let tensor else {
        arrays.append(try step.implied(index, seed: seed))
        continue
      }
      do throws(SafetensorsError) {
        arrays.append(
          NDArray(extents: step.weights[index].shape, real: try file.reals(tensor)))
      } catch {
        throw RunFailure(error)
      }
    }
  }

  /// Weights that somebody else holds; only their names are known here.
  init(names: [String]) {
    arrays = []
    self.names = names
  }
}

/// Opens files of weights; what is wrong with them is the run's failure.
enum WeightsOpening {
  static func gguf(_ path: String) throws(RunFailure) -> MappedGGUF {
    do throws(SafetensorsError) {
      return try MappedGGUF(path: path)
    } catch {
      throw RunFailure(error)
    }
  }

  static func safetensors(_ path: String) throws(RunFailure) -> MappedSafetensors {
    do throws(SafetensorsError) {
      return try MappedSafetensors(path: path)
    } catch {
      throw RunFailure(error, in: path)
    }
  }
}

/// What a weights file lacks, has too much or has in another shape.
enum WeightFindings {
  /// The most findings of one kind that are listed one by one.
  private static let shown = 8

  /// The tensor of each weight of a step, in its order; none for what the file may leave out, which
  /// is what the model can compute, and what is no weight.
  ///
  /// - Throws: ``RunFailure`` when a weight is missing or has another shape, when the file holds a
  ///   tensor that the model has no place for, or two different values for one tied weight.
  static func tensors(
    of file: borrowing some WeightsFile & ~Copyable, for step: StepGraph,
    fresh: Set<String> = []
  ) throws(RunFailure) -> [String?] {
    let weights = step.weights
    let map = NameMap(
      parameters: weights, tensors: file.tensors, tied: step.ties)
    let optional = Set(
      step.graph.parameters.filter { $0.declaration.isImplied }.map(\.name)
    ).union(fresh)
    let problems = diagnostics(of: map, path: file.path, optional: optional)
    guard problems.isEmpty else { throw RunFailure(problems) }
    let tensors = Dictionary(
      map.matches.map { ($0.parameter, $0.tensor) }, uniquingKeysWith: { first, _ in first })
    do throws(SafetensorsError) {
      for copy in map.tiedCopies where try !file.holdsSame(copy.tensor, copy.ownerTensor) {
        throw SafetensorsError.file(
          path: file.path,
          reason: "the model ties `\(copy.tensor)` to `\(copy.ownerTensor)`, but they differ")
      }
    } catch {
      throw RunFailure(error)
    }
    return weights.map { tensors[$0.name] }
  }

  static func diagnostics(
    of map: NameMap, path: String, optional: Set<String> = []
  ) -> [Diagnostic] {
    let missing = map.missing.filter { !optional.contains($0.parameter) }.map { item in
      Diagnostic(
        id: "missing-weight",
        message: "\(path) lacks `\(item.parameter)` \(item.shape)",
        facts: [.line(item.reason)])
    }
    let unexpected = map.unexpected.map { item in
      Diagnostic(
        id: "unexpected-weight",
        message: "\(path) holds `\(item.tensor)` \(item.shape), which the model has no place for",
        facts: [.line(item.reason)])
    }
    let mismatched = map.mismatched.map { item in
      Diagnostic(
        id: "weight-shape-mismatch",
        message: "`\(item.parameter)` is \(item.expected), but \(path) holds \(item.found)",
        facts: [.line(item.reason)])
    }
    return [missing, mismatched, unexpected].flatMap { shortened($0) }
  }

  private static func shortened(_ list: [Diagnostic]) -> [Diagnostic] {
    guard list.count > shown, var last = list.dropFirst(shown - 1).first else { return list }
    last.facts.append(.line("and \(list.count - shown) more like this"))
    return list.prefix(shown - 1) + [last]
  }
}

extension ParameterDeclaration {
  /// Whether a file of weights may leave it out.
  fileprivate var isImplied: Bool { isBuffer || initialiser.isFormula }
}

extension StepGraph {
  /// What a weight holds that its file leaves out.
  func implied<Scalar: KernelScalar>(
    _ index: Int, seed: UInt64 = 0
  ) throws(RunFailure) -> NDArray<Scalar> {
    let parameter = graph.parameters[index]
    do throws(ExecutionFault) {
      return try Initialisation(seed: seed).array(for: parameter.declaration, named: parameter.name)
    } catch {
      throw RunFailure(error)
    }
  }
}

extension SafetensorsReader {
  /// A tensor's values in the type that a run computes in.
  func reals<Scalar: KernelScalar>(_ name: String) throws(SafetensorsError) -> [Scalar] {
    if Scalar.self == Float.self, let values = try floats(name) as? [Scalar] { return values }
    return try doubles(name).map { Scalar($0) }
  }
}

extension WeightsFile where Self: ~Copyable {
  /// A copy of a tensor's values in the type that a run computes in.
  borrowing func reals<Scalar: KernelScalar>(_ name: String) throws(SafetensorsError) -> [Scalar] {
    if Scalar.self == Float.self, let values = try floats(name) as? [Scalar] { return values }
    return try doubles(name).map { Scalar($0) }
  }
}
