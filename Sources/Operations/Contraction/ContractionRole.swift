// ContractionRole: what a product is for, where its axes do not tell.
// Apart from the operation, which computes the same whatever its role is.

/// What tools that count work call a product by another name for.
package enum ContractionRole: String, Hashable, Sendable, CaseIterable {
  /// Positions times frequencies: the angles of rotary positions, made once for all layers.
  case angles
  /// A product that is added to something in the same call, like a penalty on distance.
  case added
  /// Windows times a kernel.
  case convolution
  /// Rows times a matrix that was chosen for them, one matrix after the other.
  case rows
}
