// FastGradients: gradients of the fast kernels against central differences of their own loss.
// In f32 a difference of two losses is coarse, so directions are taken along which the loss moves.
import Execution
import IR
import Kernels

extension FastRun {
  /// Agreement within two parts in a hundred, above what rounding of the loss can do.
  private static let tolerance = 0.02
  /// What the loss is sure of, as a share of it.
  private static let rounding = 5e-7
  /// How far the loss should move, as shares of it: further for what is nearly straight, less where
  /// it bends.
  private static let moves = [3e-3, furthestMove, 1e-3]
  private static let furthestMove = 1e-2
  /// How far weights may move, as a share of their own length.
  private static let reach = 0.1

  /// Gradients at the initial weights, along random multiples of themselves.
  func gradients(_ graph: FlatGraph) throws(ExecutionFault) -> VerificationSection {
    var section = VerificationSection(
      "fast-gradients", "fast path", "gradients against central differences, f32")
    let probe = try FastProbe(self, graph)
    let moving = graph.parameters.indices.filter {
      graph.parameters[$0].declaration.trainable && (probe.gradients[$0]?.count ?? 0) > 0
    }
    var bits = RandomBits(seed: seed, name: "fast gradients")
    let rounding = FastRun.rounding * max(probe.loss.magnitude, 1e-3)
    var skipped = 0
    for parts in [moving] + moving.shuffled(using: &bits).map({ [$0] })
    where section.checked <= self.directions {
      let name = parts == moving ? "all weights" : graph.parameters[parts[0]].name
      progress("comparing gradients on the fast kernels: \(name)")
      let direction = probe.direction(parts, seed: seed)
      let analytic = direction.slope
      guard analytic.isFinite else {
        section.add(
          name, predicted: "a gradient", observed: Quantity.text(analytic), agrees: false)
        continue
      }
      let furthest = FastRun.reach * direction.length
      // What the weight can do to the loss has to stand out of the loss's rounding.
      guard analytic * furthest > 200 * rounding else {
        skipped += 1
        continue
      }
      var best: (numeric: Double, agrees: Bool)?
      for move in FastRun.moves where best?.agrees != true {
        // Nearer too when the loss bends, or has a kink, within what weights may move.
        let step = min(
          move * max(probe.loss.magnitude, 1e-3) / analytic, furthest * move / FastRun.furthestMove)
        let numeric = try (probe.loss(direction, step) - probe.loss(direction, -step)) / (2 * step)
        let slack =
          FastRun.tolerance * max(analytic, numeric.magnitude)
          + rounding / step
        let agrees = (analytic - numeric).magnitude <= slack
        if best == nil || agrees { best = (numeric, agrees) }
      }
      section.add(
        name, predicted: Quantity.text(analytic), observed: Quantity.text(best?.numeric ?? .nan),
        agrees: best?.agrees ?? false)
    }
    let few = skipped > 0 ? "; passed over \(skipped) that move it less than that" : ""
    section.note =
      "within 2 % along random multiples of the gradient; a loss in f32 tells no finer\(few)"
    return section
  }
}

/// A point in the space of the weights, with its gradients, on the fast kernels.
private final class FastProbe {
  // A class, because it owns the memory in which weights are moved and put back.

  /// Unit vectors along which weights move.
  struct Direction {
    /// For each weight that moves, one coefficient for each element.
    var parts: [(parameter: Int, coefficients: [Float])]
    /// The derivative of the loss by the gradients.
    var slope: Double
    /// The length of the weights that move; of new ones of the usual size where they are zero.
    var length: Double
  }

  private let step: CompiledStep
  private let forward: CompiledStep
  let gradients: [NDArray<Float>?]
  let loss: Double

  init(_ run: FastRun, _ graph: FlatGraph) throws(ExecutionFault) {
    let pool = ThreadPool(threads: max(run.planned.threads, 1))
    var whole = run.planned
    let plan = try run.compiled(whole, graph) { options in
      options.optimiser = nil
      options.keepsGradients = true
    }
    let step = try CompiledStep(plan, pool: pool)
    try run.supply(step, graph)
    run.progress("computing gradients on the fast kernels")
    try step.run()
    gradients = graph.parameters.indices.map { step.gradient($0) }
    loss = step.output("loss")?.reals.first.map { Double($0) } ?? .nan
    // The loss alone reads the same weights where they lie.
    whole.isForward = true
    let short = try run.lossGraph()
    let places = Dictionary(
      graph.parameters.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
    var external: [Int: ExternalWeight] = [:]
    for (index, parameter) in short.parameters.enumerated() {
      guard let place = places[parameter.name], let lent = step.lent(place) else {
        throw .malformedGraph("the loss reads '\(parameter.name)', which its gradients don't know")
      }
      external[index] = lent
    }
    let lossPlan = try run.compiled(whole, short) { options in
      options.external = Set(external.keys)
      options.outputs = ["loss"]
    }
    forward = try CompiledStep(lossPlan, pool: pool, external: external)
    try run.supplyInputs(forward, short)
    self.step = step
  }

  /// Random multiples between 0 and 1 of the gradients of some weights, of unit length.
  func direction(_ parameters: [Int], seed: UInt64) -> Direction {
    var parts: [(parameter: Int, coefficients: [Float])] = []
    var squares = 0.0
    var slope = 0.0
    var weights = 0.0
    for parameter in parameters {
      guard let gradient = gradients[parameter]?.reals,
        let values = step.parameter(parameter)?.reals
      else { continue }
      weights += max(
        values.reduce(0) { $0 + Double($1) * Double($1) }, 4e-4 * Double(values.count))
      var bits = RandomBits(seed: seed, name: "fast direction \(parameter)")
      var coefficients = gradient
      for index in coefficients.indices {
        let share = Float(bits.next() >> 40) * 0x1p-24
        coefficients[index] = gradient[index] * share
        slope += Double(gradient[index]) * Double(coefficients[index])
        squares += Double(coefficients[index]) * Double(coefficients[index])
      }
      parts.append((parameter, coefficients))
    }
    let length = squares.squareRoot()
    guard length > 0 else { return Direction(parts: [], slope: slope, length: 0) }
    for part in parts.indices {
      for index in parts[part].coefficients.indices {
        parts[part].coefficients[index] /= Float(length)
      }
    }
    return Direction(parts: parts, slope: slope / length, length: weights.squareRoot())
  }

  /// The loss at a distance along a direction; the weights are put back.
  func loss(_ direction: Direction, _ distance: Double) throws(ExecutionFault) -> Double {
    var kept: [(Int, NDArray<Float>)] = []
    for (parameter, coefficients) in direction.parts {
      guard let array = step.parameter(parameter) else { continue }
      kept.append((parameter, array))
      var moved = array.reals
      for index in moved.indices { moved[index] += Float(distance) * coefficients[index] }
      try step.setParameter(parameter, NDArray(extents: array.extents, real: moved))
    }
    try forward.run()
    let loss = forward.output("loss")?.reals.first.map { Double($0) } ?? .nan
    for (parameter, array) in kept { try step.setParameter(parameter, array) }
    return loss
  }
}
