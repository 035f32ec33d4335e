// NDArray+Checks: the questions that each plain kernel asks of an array before it reads it.
// Apart from the type so that storage stays a few lines.

extension NDArray {
  /// - Throws: ``KernelFault`` when the stored elements are not as many as the extents say.
  package func check() throws(KernelFault) {
    let expected = try Extents.count(extents)
    guard expected == count else {
      throw KernelFault("extents \(extents) need \(expected) elements, but \(count) are stored")
    }
  }

  /// The elements of a real array.
  package func checkedReals() throws(KernelFault) -> [Scalar] {
    try check()
    guard case .real(let elements) = payload else {
      throw KernelFault("a real array is needed, found one of \(payload.kind)")
    }
    return elements
  }

  /// The elements of an index array.
  package func checkedIndices() throws(KernelFault) -> [Int32] {
    try check()
    guard case .index(let elements) = payload else {
      throw KernelFault("an array of integers is needed, found one of \(payload.kind)")
    }
    return elements
  }

  /// The elements of a mask.
  package func checkedMask() throws(KernelFault) -> [Bool] {
    try check()
    guard case .mask(let elements) = payload else {
      throw KernelFault("a mask is needed, found one of \(payload.kind)")
    }
    return elements
  }

  /// The extent of an axis, counted from the end when negative.
  package func extent(_ axis: Int) throws(KernelFault) -> Int {
    extents[try Extents.axis(axis, rank: extents.count)]
  }

  /// The same elements under other extents.
  package func reshaped(_ extents: [Int]) throws(KernelFault) -> NDArray {
    let expected = try Extents.count(extents)
    guard expected == count else {
      throw KernelFault("\(self.extents) has \(count) elements, \(extents) has \(expected)")
    }
    return NDArray(extents: extents, payload: payload)
  }
}

extension NDArray.Payload {
  /// The word for the stored kind.
  package var kind: String {
    switch self {
    case .real: "reals"
    case .index: "integers"
    case .mask: "booleans"
    }
  }
}
