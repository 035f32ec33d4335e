// ElementType: what a tensor holds.
// Apart from TensorType because memory reports and checkpoints speak of it alone.

/// The type of a tensor's elements.
package enum ElementType: String, Hashable, Sendable, CaseIterable {
  case f64, f32, f16, bf16, i64, i32, bool

  /// Bytes of one element in memory.
  package var byteCount: Int {
    switch self {
    case .f64, .i64: 8
    case .f32, .i32: 4
    case .f16, .bf16: 2
    case .bool: 1
    }
  }

  /// What arithmetic the element supports.
  package var kind: ElementKind {
    switch self {
    case .f64, .f32, .f16, .bf16: .real
    case .i64, .i32: .index
    case .bool: .mask
    }
  }
}

/// The three kinds of tensor that operations tell apart.
package enum ElementKind: String, Hashable, Sendable {
  case real = "real"
  case index = "integer"
  case mask = "boolean"
}
