// Initialisation: the first values of a model's weights, from its initialisers and one seed.
// Apart from training because a forward pass without a checkpoint needs them too.
import Dimensions
import Foundation
import IR
import Kernels

/// Fills weights; the same seed and name give the same bits, in any order.
package struct Initialisation: Hashable, Sendable {
  package var seed: UInt64
  /// The most bytes that all weights together may take; the machine's memory unless told.
  package var byteLimit: Int

  package init(seed: UInt64, byteLimit: Int? = nil) {
    self.seed = seed
    self.byteLimit = byteLimit ?? Int(clamping: ProcessInfo.processInfo.physicalMemory)
  }

  /// The weights of a graph, in its order.
  ///
  /// - Throws: ``ExecutionFault`` when an extent has no value, or the weights pass the limit.
  package func parameters<Scalar: KernelScalar>(
    of graph: FlatGraph, as scalar: Scalar.Type = Scalar.self
  ) throws(ExecutionFault) -> [NDArray<Scalar>] {
    var total: Int128 = 0
    for parameter in graph.parameters {
      // Predicted bytes serve as a guard only: nothing has been allocated yet.
      guard let bytes = parameter.declaration.type.byteCount.wideConstant else {
        throw tooLarge(parameter.declaration.type.byteCount.description)
      }
      let (sum, overflow) = total.addingReportingOverflow(bytes)
      guard !overflow, sum <= Int128(byteLimit) else {
        throw tooLarge(overflow ? "more than \(total)" : "at least \(sum)")
      }
      total = sum
    }
    var result: [NDArray<Scalar>] = []
    result.reserveCapacity(graph.parameters.count)
    for parameter in graph.parameters {
      result.append(try array(for: parameter.declaration, named: parameter.name))
    }
    return result
  }

  /// One weight.
  ///
  /// - Parameters:
  ///   - declaration: says shape and initialiser.
  ///   - name: the path, which chooses the stream of random numbers.
  ///   - scalar: the type of the elements.
  /// - Returns: the filled array.
  /// - Throws: ``ExecutionFault`` when an extent has no value, or the weight passes the limit.
  package func array<Scalar: KernelScalar>(
    for declaration: ParameterDeclaration, named name: String, as scalar: Scalar.Type = Scalar.self
  ) throws(ExecutionFault) -> NDArray<Scalar> {
    let parameter = SuppliedTensor.parameter(name)
    guard declaration.type.element.kind == .real else {
      throw .wrongKind(parameter, expected: .real, found: declaration.type.element.kind)
    }
    var extents: [Int] = []
    for (axis, dimension) in declaration.type.shape.enumerated() {
      guard let extent = dimension.constant, extent >= 0 else {
        throw .unboundSize(parameter, axis: axis, formula: dimension.description)
      }
      extents.append(extent)
    }
    let count: Int
    do throws(KernelFault) {
      count = try Extents.count(extents)
    } catch {
      throw .tooLarge("\(parameter)", bytes: error.message, limit: byteLimit)
    }
    guard count <= byteLimit / MemoryLayout<Scalar>.stride else {
      throw .tooLarge(
        "\(parameter)", bytes: "\(Int128(count) * Int128(MemoryLayout<Scalar>.stride))",
        limit: byteLimit)
    }
    var bits = RandomBits(seed: seed, name: name)
    let elements: [Scalar] =
      switch declaration.initialiser {
      case .zeros: Array(repeating: 0, count: count)
      case .ones: Array(repeating: 1, count: count)
      case .constant(let value): Array(repeating: Scalar(value), count: count)
      case .normal(let deviation): Fill.normal(count, deviation: deviation, from: &bits)
      case .kaimingUniform:
        Fill.uniform(
          count, bound: 1 / Double(max(extents.last ?? 1, 1)).squareRoot(), from: &bits)
      case .sinusoid: Fill.sinusoid(count, width: extents.last ?? 1)
      }
    return NDArray(extents: extents, real: elements)
  }

  private func tooLarge(_ bytes: String) -> ExecutionFault {
    .tooLarge("the model's weights", bytes: bytes, limit: byteLimit)
  }
}

/// Loops over numbers that are computed in double precision and rounded once.
private enum Fill {
  /// Rounded to f32 in any case: whoever stores such a table stores it so.
  static func sinusoid<Scalar: KernelScalar>(_ count: Int, width: Int) -> [Scalar] {
    let half = (width + 1) / 2
    return (0..<count).map { index in
      let (row, column) = index.quotientAndRemainder(dividingBy: max(width, 1))
      let pair = column < half ? column : column - half
      let angle = Double(row) / pow(10_000, Double(2 * pair) / Double(width))
      return Scalar(Double(Float(column < half ? sin(angle) : cos(angle))))
    }
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  static func normal<Scalar: KernelScalar>(
    _ count: Int, deviation: Double, from bits: inout RandomBits
  ) -> [Scalar] {
    Array(unsafeUninitializedCapacity: count) { buffer, filled in
      while filled < count {
        let (first, second) = bits.normals()
        buffer.initializeElement(at: filled, to: Scalar(first * deviation))
        filled += 1
        guard filled < count else { break }
        buffer.initializeElement(at: filled, to: Scalar(second * deviation))
        filled += 1
      }
    }
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  static func uniform<Scalar: KernelScalar>(
    _ count: Int, bound: Double, from bits: inout RandomBits
  ) -> [Scalar] {
    Array(unsafeUninitializedCapacity: count) { buffer, filled in
      while filled < count {
        buffer.initializeElement(at: filled, to: Scalar((2 * bits.uniform() - 1) * bound))
        filled += 1
      }
    }
  }
}
