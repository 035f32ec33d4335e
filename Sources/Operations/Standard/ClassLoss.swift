// ClassLoss: the pattern, targets and attributes that cross-entropy and its gradient share.
// The loops live in Kernels/Standard/CrossEntropyKernel.swift.
import Dimensions
import IR
import Kernels

/// Which axis of the logits holds the classes, which target is ignored, and how rows are joined.
struct ClassLoss: Hashable {
  let marked: SingleAxis
  let ignore: Int
  let reduction: LossReduction

  static let attributes = [
    AttributeSchema("ignore", .integer, optional: true),
    AttributeSchema("reduction", .string, optional: true),
  ]

  static let faults = SingleAxis.faults.merging([
    "shape-mismatch": "the targets cannot be proved to have the logits' shape without classes",
    "unknown-reduction": "the reduction is neither \"mean\" nor \"sum\"",
  ]) { first, _ in first }

  /// The defaults are PyTorch's: targets of -100 are ignored, and the rest averaged.
  init(_ attributes: Attributes) throws(Fault) {
    marked = try SingleAxis(attributes)
    ignore = attributes.integer("ignore") ?? -100
    reduction =
      attributes.string("reduction") == nil
      ? .mean : try word(attributes, "reduction", as: LossReduction.self)
  }

  var attributes: Attributes {
    Attributes(
      pattern: marked.pattern,
      ["ignore": .integer(ignore), "reduction": .string(reduction.rawValue)])
  }

  /// The axis of the classes of logits with so many axes; `nil` when the pattern has others.
  func axis(rank: Int) -> Int? { try? marked.bracket.axes(rank: rank).first }

  /// Checks the targets against the logits, which are operands 1 and 0.
  func check(_ operands: [TensorType], prover: Prover) throws(Fault) {
    let axis = try marked.axis(of: operands[0])
    var rows = operands[0].shape
    rows.remove(at: axis)
    try ShapeRules.requireShape(
      rows, of: operands[1], at: 1, name: "targets", kind: "shape-mismatch", prover: prover)
  }

  /// The number of classes.
  func classes(of logits: TensorType) throws(Fault) -> Dimension {
    logits.shape[try marked.axis(of: logits)]
  }

  /// The mask of targets that count, and what the rows' losses are divided by.
  func emitKept(
    _ builder: inout RegionBuilder, targets: ValueID, like logits: ValueID
  ) throws(Fault) -> (mask: ValueID, count: ValueID?) {
    let type = builder.type(of: targets)
    let ignored = try builder.emit(Fill(Double(ignore), element: type.element))
    let mask = try builder.compare(targets, .notEqual, ignored)
    guard reduction == .mean else { return (mask, nil) }
    let ones = try builder.emit(Cast(to: builder.type(of: logits).element), mask)
    return (mask, try builder.emit(SumTo([]), ones))
  }

  /// The mask of the classes that the targets name, in the logits' shape.
  func emitHits(
    _ builder: inout RegionBuilder, targets: ValueID, like logits: ValueID
  ) throws(Fault) -> ValueID {
    let axis = try marked.axis(of: builder.type(of: logits))
    let shape = builder.shape(of: logits)
    let names = shape.indices.map { PatternAxis.name("a\($0)") }
    let classes = try builder.emit(Iota(shape[axis]))
    var sizes: [String: Dimension] = [:]
    for index in shape.indices where index != axis { sizes["a\(index)"] = shape[index] }
    let pattern = Pattern(inputs: [[names[axis]]], output: names)
    let repeated = try builder.emit(Broadcast(pattern, sizes: sizes), classes)
    return try builder.compare(
      repeated, .equal, try builder.restore(targets, axes: [axis], like: logits))
  }
}
