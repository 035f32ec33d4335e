// SIMDKernels+HeadLoss: products, softmax and products again, a block of rows after the other.
// It has no loops of its own: rows are graded by LossRow, matrices multiplied by the GEMM family.
import Kernels

extension SIMDKernels: HeadLossKernels {
  package static func headLossWorkspace(_ shape: HeadLossShape) -> KernelWorkspace {
    HeadLossPlan(shape).workspace
  }

  package static func headLoss(_ head: HeadLoss, workspace: Place<Float>) -> [KernelJob] {
    let plan = HeadLossPlan(head.shape)
    let statistics = LossStatistics(workspace + plan.logits, rows: head.shape.rows)
    let products = workspace + plan.logits + plan.statistics
    var jobs = [countKept(head.targets, classes: head.shape.classes, into: statistics)]
    var start = 0
    while start < head.shape.rows {
      let end = min(head.shape.rows, start + plan.block)
      let block = HeadLossBlock(
        head: head, statistics: statistics, start: start, rows: end - start,
        logits: Matrix(workspace, stride: head.shape.classes))
      for product in block.before { jobs += self.product(product, workspace: products) }
      jobs.append(block.grading)
      for product in block.after { jobs += self.product(product, workspace: products) }
      start = end
    }
    if head.shape.rows == 0, !head.accumulates { jobs += clearGradients(head) }
    jobs.append(reduceLoss(head.targets, statistics, into: head.loss))
    return jobs
  }

  /// Without rows no product runs, and the gradients of the weights are zero.
  private static func clearGradients(_ head: HeadLoss) -> [KernelJob] {
    let shape = head.shape
    let (rows, width) =
      shape.isTransposed ? (shape.width, shape.classes) : (shape.classes, shape.width)
    return [
      KernelJob(pieces: 1) { _, _ in
        if let gradient = head.weightGradient {
          var row = 0
          while row < rows {
            (gradient.place.pointer + row &* gradient.stride).update(repeating: 0, count: width)
            row &+= 1
          }
        }
        if let gradient = head.biasGradient {
          gradient.pointer.update(repeating: 0, count: shape.classes)
        }
      }
    ]
  }
}

/// How rows are cut into blocks, and where the workspace's parts lie.
struct HeadLossPlan: Sendable {
  let shape: HeadLossShape
  /// The rows whose logits exist at the same time.
  let block: Int
  /// Floats of the workspace, each part whole cache lines.
  let logits: Int
  let statistics: Int

  init(_ shape: HeadLossShape) {
    self.shape = shape
    if let rows = shape.blockRows {
      block = max(1, min(shape.rows, rows))
    } else {
      // Even blocks; one block less saves a pass over the weight's gradient.
      let most = max(128, HeadLossPlan.budget / max(shape.classes, 1))
      let blocks = max(1, ceiling(shape.rows, most))
      block = max(1, min(shape.rows, up(ceiling(shape.rows, blocks), 48)))
    }
    logits = up(block &* shape.classes, 16)
    statistics = up(LossStatistics.count(rows: shape.rows), 16)
  }

  /// The logits of a block: 16 MB, which a last cache holds; more only for 128 rows of a very large vocabulary.
  private static var budget: Int { 4_000_000 }

  var workspace: KernelWorkspace {
    var products = KernelWorkspace()
    for rows in Set([block, shape.rows % block]) where rows > 0 {
      for product in productShapes(rows: rows) {
        let one = SIMDKernels.productWorkspace(product)
        products.shared = max(products.shared, one.shared)
        products.scratch = max(products.scratch, one.scratch)
      }
    }
    products.shared += 4 &* (logits &+ statistics)
    return products
  }

  private func productShapes(rows: Int) -> [ProductShape] {
    var shapes = [ProductShape(m: rows, n: shape.classes, k: shape.width)]
    if shape.wantsInput {
      shapes.append(ProductShape(m: rows, n: shape.width, k: shape.classes))
    }
    if shape.wantsWeight {
      shapes.append(
        shape.isTransposed
          ? ProductShape(m: shape.width, n: shape.classes, k: rows)
          : ProductShape(m: shape.classes, n: shape.width, k: rows))
    }
    return shapes
  }
}

/// What is done with one block of rows.
private struct HeadLossBlock: Sendable {
  let head: HeadLoss
  let statistics: LossStatistics
  let start: Int
  let rows: Int
  let logits: Matrix

  private var shape: HeadLossShape { head.shape }
  private var input: Matrix {
    Matrix(head.input.place + start * head.input.stride, stride: head.input.stride)
  }

  /// x · Wᵀ + b.
  var before: [MatrixProduct] {
    var product = MatrixProduct(
      ProductShape(m: rows, n: shape.classes, k: shape.width), a: ProductOperand(input),
      b: ProductOperand(head.weight, isTransposed: !shape.isTransposed), result: logits)
    product.epilogue = ProductEpilogue(bias: head.bias)
    return [product]
  }

  /// The losses of the rows; their gradients replace the logits where any is wanted.
  var grading: KernelJob {
    let (head, statistics, start, logits) = (head, statistics, start, logits)
    let classes = shape.classes
    let differentiates = shape.wantsInput || shape.wantsWeight
    let blocks = Blocks(of: rows, each: 1 << 14, width: classes)
    return KernelJob(pieces: blocks.count) { piece, _ in
      let block = blocks[piece]
      var row = block.start
      while row < block.end {
        let elements = logits.place.pointer + row &* logits.stride
        let target = LossRow.target(head.targets, start &+ row, classes: classes)
        if !differentiates {
          let found = LossRow.measure(elements, count: classes)
          statistics.note(
            start &+ row, found, loss: target.map { found.loss(of: elements[$0]) } ?? 0)
        } else if let target, let cotangent = head.cotangent {
          let logit = elements[target]
          let found = LossRow.exponentiate(elements, count: classes)
          statistics.note(start &+ row, found, loss: found.loss(of: logit))
          LossRow.scaleExponentials(
            elements, count: classes, target: target, sum: found.sum,
            scale: SIMDKernels.lossScale(head.targets, statistics, cotangent))
        } else {
          // The row doesn't count, whatever its logits are.
          elements.update(repeating: 0, count: classes)
          statistics.note(start &+ row, LossRow(largest: 0, sum: 0), loss: 0)
        }
        row &+= 1
      }
    }
  }

  /// The gradients, once the logits' gradients stand in their place.
  var after: [MatrixProduct] {
    var products: [MatrixProduct] = []
    if shape.wantsInput, let gradient = head.inputGradient {
      products.append(
        MatrixProduct(
          ProductShape(m: rows, n: shape.width, k: shape.classes), a: ProductOperand(logits),
          b: ProductOperand(head.weight, isTransposed: shape.isTransposed),
          result: Matrix(
            gradient.place + start * gradient.stride, stride: gradient.stride)))
    }
    if shape.wantsWeight, let gradient = head.weightGradient {
      var product: MatrixProduct
      if shape.isTransposed {
        product = MatrixProduct(
          ProductShape(m: shape.width, n: shape.classes, k: rows),
          a: ProductOperand(input, isTransposed: true), b: ProductOperand(logits),
          result: gradient)
        product.columnSums = head.biasGradient
      } else {
        product = MatrixProduct(
          ProductShape(m: shape.classes, n: shape.width, k: rows),
          a: ProductOperand(logits, isTransposed: true), b: ProductOperand(input),
          result: gradient)
        product.rowSums = head.biasGradient
      }
      product.accumulates = head.accumulates || start > 0
      product.accumulatesSums = product.accumulates
      products.append(product)
    }
    return products
  }
}
