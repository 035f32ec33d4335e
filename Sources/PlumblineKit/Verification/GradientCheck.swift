// GradientCheck: which directions are tried, and how many there is time for.
// What was left out is said: a sample that looks like the whole would be a claim too much.
import Dimensions
import Execution
import IR
import Kernels

/// The comparison of gradients with central differences.
struct GradientCheck {
  /// The work of all forward passes together, in multiply-adds and elementwise operations.
  var budget: Double
  var seed: UInt64
  /// Elements of each tensor beside the direction that moves them all.
  var elements = 4

  /// The section of the report.
  ///
  /// - Parameters:
  ///   - step: the side that runs.
  ///   - sizes: the sizes of its dimensions.
  ///   - work: of one forward pass, as predicted.
  ///   - progress: is told what is being done.
  /// - Returns: an item for each direction.
  /// - Throws: ``VerificationRefusal`` when the step can't be unfolded.
  func section(
    of step: StepProgram, sizes: [Symbol: Int], work: Double, progress: (String) -> Void
  ) throws(VerificationRefusal) -> VerificationSection {
    var section = VerificationSection(
      "differences", "gradients", "against central differences, f64")
    let (graph, forward) = (try step.step(), try step.forward())
    let inputs: [String: NDArray<Double>] = try SampleInputs(graph, sizes: sizes).draw(seed: seed)
    do throws(ExecutionFault) {
      progress("computing gradients in double precision")
      let probe = try probe(graph, forward, inputs)
      // A weight without a gradient is among them: it has to make no difference.
      let moving = graph.parameters.indices.filter { graph.parameters[$0].declaration.trainable }
      try run(probe, graph, moving, work, &section, progress)
    } catch {
      section.add(
        "the step in double precision", predicted: "runs to its end",
        observed: error.description, agrees: false)
    }
    return section
  }

  private func run(
    _ probe: GradientProbe, _ graph: FlatGraph, _ moving: [Int], _ work: Double,
    _ section: inout VerificationSection, _ progress: (String) -> Void
  ) throws(ExecutionFault) {
    var bits = RandomBits(seed: seed, name: "gradient check")
    // Each direction runs forward twice; one that fails, more often, which no budget has to foresee.
    let affordable = budget / max(2 * work, 1)
    let count = min(moving.count, max(1, Int(min(affordable, 1e9))))
    let tensors = moving.shuffled(using: &bits).prefix(count).sorted()
    func compare(_ direction: GradientDirection) throws(ExecutionFault) {
      progress("comparing gradients: \(direction.name)")
      let outcome = try probe.outcome(of: direction)
      section.add(
        direction.name, predicted: Quantity.text(outcome.analytic),
        observed: Quantity.text(outcome.numeric), agrees: outcome.agrees)
    }
    func signs(_ parameter: Int) -> GradientDirection.Coefficients {
      .signs(
        RandomBits(seed: seed, name: "direction " + graph.parameters[parameter].name),
        scale: 1 / Double(max(probe.parameters[parameter].count, 1)).squareRoot())
    }
    if tensors.count < moving.count {
      try compare(
        GradientDirection(
          name: "all \(moving.count) tensors along one direction",
          parts: moving.map { ($0, signs($0)) }))
    }
    for parameter in tensors {
      try compare(
        GradientDirection(
          name: graph.parameters[parameter].name + ", all elements along one direction",
          parts: [(parameter, signs(parameter))]))
    }
    let each = tensors.isEmpty ? 0 : Int(min(affordable, 1e9)) / tensors.count - 1
    var sampled = 0
    for parameter in tensors {
      guard let gradient = probe.gradients[parameter]?.reals, each > 0 else { continue }
      for element in sample(min(elements, each), of: gradient, &bits) {
        try compare(
          GradientDirection(
            name: "\(graph.parameters[parameter].name)[\(element)]",
            parts: [(parameter, .element(element))]))
        sampled += 1
      }
    }
    section.note =
      "\(tensors.count) of \(moving.count) tensors along a direction, "
      + Quantity.count(sampled, "element") + " alone"
      + (tensors.count < moving.count ? "; all tensors together along one" : "")
  }

  /// The element that matters most, and others anywhere.
  private func sample(
    _ count: Int, of gradient: [Double], _ bits: inout RandomBits
  ) -> [Int] {
    guard count > 0,
      let largest = gradient.indices.max(by: {
        gradient[$0].magnitude < gradient[$1].magnitude
      })
    else { return [] }
    if gradient.count <= count { return Array(gradient.indices) }
    var chosen = [largest]
    while chosen.count < count {
      let next = Int.random(in: 0..<gradient.count, using: &bits)
      if !chosen.contains(next) { chosen.append(next) }
    }
    return chosen
  }

  /// Weights around which gradients are compared: the initial ones, shifted a little, so that a
  /// weight that starts at zero hides no gradient behind it.
  private func probe(
    _ graph: FlatGraph, _ forward: FlatGraph, _ inputs: [String: NDArray<Double>]
  ) throws(ExecutionFault) -> GradientProbe {
    var parameters: [NDArray<Double>] = try Initialisation(seed: seed).parameters(of: graph)
    for (index, parameter) in graph.parameters.enumerated() {
      var bits = RandomBits(seed: seed, name: "shift " + parameter.name)
      var elements = parameters[index].reals
      for place in elements.indices { elements[place] += (bits.uniform() - 0.5) * 0.1 }
      parameters[index].payload = .real(elements)
    }
    let result = try Executor<Double>(graph).run(inputs: inputs, parameters: parameters)
    return GradientProbe(
      forward: try Executor(forward), inputs: inputs, parameters: parameters,
      gradients: result.gradients, loss: result.outputs["loss"]?.reals.first ?? .nan)
  }
}
