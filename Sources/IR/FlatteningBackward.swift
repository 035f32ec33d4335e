// The backward half of flattening: derivatives inlined in reverse, over the forward frames.
// Sums are made here where a folded program has none: over list elements and shared weights.

extension Program {
  /// Which inputs of a call's function have a result of the `callBackward` node.
  ///
  /// The operands of the node are the cotangents of the outputs that `first.arriving` names, in
  /// order; the results are the gradients of these inputs, in order. In a chained list the
  /// carried input's gradient is that of the first element; any other input's is the sum over
  /// the elements, the last element first.
  package func gradientInputs(
    of call: Call, first: DerivativeID, rest: DerivativeID
  ) -> [Int] {
    let head = self[first].inputGradients
    let tail = self[rest].inputGradients
    guard call.repetitions > 1 else {
      return head.indices.filter { head[$0] != nil }
    }
    // The chain ends where an element does not hand a gradient on.
    let reachesFirst = tail[0] != nil
    return head.indices.filter { index in
      let fromHead = reachesFirst && head[index] != nil
      return index == 0 ? fromHead : fromHead || tail[index] != nil
    }
  }
}

extension Flattener {
  /// The nodes of one derivative over the frame of its forward application: from the gradient
  /// that arrives for each output to the gradient of each input.
  mutating func backward(
    _ id: DerivativeID, frame: FlatFrame, arriving: [Int?], depth: Int
  ) throws(UnfoldingError) -> [Int?] {
    try check(depth)
    let derivative = program[id]
    var values = frame.values
    values += [Int](repeating: -1, count: derivative.values.count - values.count)
    for node in derivative.nodes {
      let operands = node.operands.map { values[$0.index] }
      switch node.kind {
      case .cotangent(let position):
        guard let value = arriving[position] else {
          preconditionFailure("no gradient arrives for output \(position)")
        }
        values[node.results[0].index] = value
      case .operation(let operation):
        for result in node.results {
          let value = derivative.values[result.index]
          values[result.index] = append(value.type, name: value.name, scope: frame.scope)
        }
        try append(
          FlatNode(
            operation: operation, operands: operands,
            results: node.results.map { values[$0.index] }, scope: frame.scope, phase: .backward))
      case .callBackward(let forward, let first, let rest):
        let gradients = try backward(
          call: forward, first: first, rest: rest, of: derivative.function, frame: frame,
          cotangents: operands, depth: depth)
        for (result, value) in zip(node.results, gradients) { values[result.index] = value }
      case .input, .parameter, .call:
        preconditionFailure("a backward region of \(program.name) holds a forward node")
      }
    }
    for (reference, value) in derivative.parameterGradients {
      let index = weight(reference, from: frame.instance)
      graph.gradients[index] = try add(
        values[value.index], to: graph.gradients[index], scope: frame.scope)
    }
    return derivative.inputGradients.map { $0.map { values[$0.index] } }
  }

  /// The backward of the applications behind one call, the last element first.
  private mutating func backward(
    call node: Int, first: DerivativeID, rest: DerivativeID, of function: FunctionID,
    frame: FlatFrame, cotangents: [Int], depth: Int
  ) throws(UnfoldingError) -> [Int] {
    guard case .call(let call) = program[function].nodes[node].kind,
      let applications = frame.calls[node]
    else { preconditionFailure("node \(node) of function \(function.index) is no call") }
    var remaining = cotangents[...]
    var arriving = program[first].arriving.map { $0 ? remaining.popFirst() : nil }
    var sums = [Int?](repeating: nil, count: program[call.function].inputs.count)
    for (element, application) in applications.enumerated().reversed() {
      let gradients = try backward(
        element == 0 ? first : rest, frame: application, arriving: arriving, depth: depth + 1)
      for (input, gradient) in gradients.enumerated() {
        guard let gradient, call.elements == nil || input > 0 || element == 0 else { continue }
        sums[input] = try add(gradient, to: sums[input], scope: frame.scope)
      }
      guard element > 0 else { break }
      guard let carried = gradients[0] else { break }
      arriving = [carried]
    }
    return program.gradientInputs(of: call, first: first, rest: rest).map { input in
      guard let sum = sums[input] else {
        preconditionFailure("no gradient of input \(input) of function \(call.function.index)")
      }
      return sum
    }
  }

  /// A gradient added to what has been gathered so far.
  private mutating func add(
    _ gradient: Int, to gathered: Int?, scope: Int
  ) throws(UnfoldingError) -> Int {
    guard let gathered else { return gradient }
    guard let sum else { preconditionFailure("a backward pass needs an operation that adds") }
    let result = append(graph.values[gathered].type, name: nil, scope: scope)
    try append(
      FlatNode(
        operation: sum, operands: [gathered, gradient], results: [result], scope: scope,
        phase: .backward))
    return result
  }
}
