// ProductBenchmark: the matrix products of the three steps, as a share of what the units could do.
// Forward and both gradients of each layer, because each reads its operands another way round.
import Execution
import Foundation
import Kernels

/// A layer's product: `rows` inputs of width `k` to `n` outputs.
struct LayerProduct {
  let rows: Int
  let n: Int
  let k: Int

  var name: String { "\(rows) × \(k) × \(n)" }

  /// Those of the steps, by their number of rows.
  static let steps: [LayerProduct] =
    [(128, 384), (128, 128), (128, 512), (512, 128), (128, 10_000)].map {
      LayerProduct(rows: 2_048, n: $1, k: $0)
    }
    + [(384, 1_152), (384, 384), (384, 1_536), (1_536, 384)].map {
      LayerProduct(rows: 2_048, n: $1, k: $0)
    }
    + [(768, 2_304), (768, 768), (768, 3_072), (3_072, 768), (768, 50_257)].map {
      LayerProduct(rows: 256, n: $1, k: $0)
    }
}

/// The three products of a layer.
enum ProductForm: String, CaseIterable {
  case forward
  case inputGradient = "by input"
  case weightGradient = "by weight"

  func shape(_ layer: LayerProduct) -> ProductShape {
    switch self {
    case .forward: ProductShape(m: layer.rows, n: layer.n, k: layer.k)
    case .inputGradient: ProductShape(m: layer.rows, n: layer.k, k: layer.n)
    case .weightGradient: ProductShape(m: layer.n, n: layer.k, k: layer.rows)
    }
  }

  /// The product with the weight stored `[n, k]`, as a linear layer has it.
  func product(_ layer: LayerProduct, _ memory: LayerMemory) -> MatrixProduct {
    let input = Matrix(memory.input.place(at: 0), stride: layer.k)
    let weight = Matrix(memory.weight.place(at: 0), stride: layer.k)
    let output = Matrix(memory.output.place(at: 0), stride: layer.n)
    return switch self {
    case .forward:
      MatrixProduct(
        shape(layer), a: ProductOperand(input), b: ProductOperand(weight, isTransposed: true),
        result: output)
    case .inputGradient:
      MatrixProduct(
        shape(layer), a: ProductOperand(output), b: ProductOperand(weight), result: input)
    case .weightGradient:
      MatrixProduct(
        shape(layer), a: ProductOperand(output, isTransposed: true), b: ProductOperand(input),
        result: weight)
    }
  }
}

/// Operands of one layer.
struct LayerMemory {
  let input: BenchmarkMemory
  let weight: BenchmarkMemory
  let output: BenchmarkMemory

  init(_ layer: LayerProduct) {
    input = BenchmarkMemory(floats: layer.rows * layer.k)
    weight = BenchmarkMemory(floats: layer.n * layer.k)
    output = BenchmarkMemory(floats: layer.rows * layer.n)
  }
}

/// What one product reached.
struct ProductFigure {
  let layer: LayerProduct
  let form: ProductForm
  let flops: Double
  let seconds: Double
  /// FLOPs a second of the units, measured just before.
  let limit: Double

  var share: Double { flops / seconds / limit }
}

/// Times products.
struct ProductBenchmark {
  private let timer: KernelTimer
  private let workspace: BenchmarkMemory

  init(threads: Int, seconds: Double) {
    let kernels = KernelChoice.best
    let spaces = LayerProduct.steps.flatMap { layer in
      ProductForm.allCases.map { kernels.productWorkspace($0.shape(layer)) }
    }
    timer = KernelTimer(
      threads: threads, scratchBytes: spaces.map(\.scratch).max() ?? 0, seconds: seconds)
    workspace = BenchmarkMemory(floats: (spaces.map(\.shared).max() ?? 0) / 4)
  }

  /// The figures of a layer's three products.
  func figures(_ layer: LayerProduct) -> [ProductFigure] {
    let memory = LayerMemory(layer)
    let limit = timer.flopsLimit()
    return ProductForm.allCases.map { form in
      let jobs = timer.kernels.product(
        form.product(layer, memory), workspace: workspace.place(at: 0))
      return ProductFigure(
        layer: layer, form: form, flops: 2 * Double(form.shape(layer).multiplyAdds),
        seconds: timer.best(jobs), limit: limit)
    }
  }
}
