// RowKernels: what works on whole rows: normalisation, softmax and rotary positions.
// Rows of a normalisation lie side by side; softmax and rotary take any strides.

/// The operands of a normalisation over `rows` rows of `width` elements, side by side.
package struct NormalizationRows: Sendable {
  package var kind: Normalization
  package var rows: Int
  package var width: Int
  package var epsilon: Float

  package init(_ kind: Normalization, rows: Int, width: Int, epsilon: Float) {
    self.kind = kind
    self.rows = rows
    self.width = width
    self.epsilon = epsilon
  }
}

/// Where the gradients of a normalisation go; those that are `nil` are not made.
package struct NormalizationTargets: Sendable {
  package var input: Place<Float>?
  package var weight: Place<Float>?
  package var bias: Place<Float>?

  package init(input: Place<Float>?, weight: Place<Float>?, bias: Place<Float>?) {
    self.input = input
    self.weight = weight
    self.bias = bias
  }
}

/// The fast kernels over rows.
package protocol RowKernels {
  /// Normalises each row, then scales and shifts it; `y` may be `x`.
  ///
  /// - Parameters:
  ///   - shape: the kind, the extents and epsilon.
  ///   - x: the rows.
  ///   - weight: a factor for each column.
  ///   - bias: a term for each column.
  ///   - moments: takes mean and inverse deviation of each row, two numbers a row, for the gradient.
  ///   - y: the result.
  /// - Returns: one job.
  static func normalize(
    _ shape: NormalizationRows, _ x: Place<Float>, weight: Place<Float>?, bias: Place<Float>?,
    moments: Place<Float>?, to y: Place<Float>
  ) -> [KernelJob]

  /// The workspace of ``normalizeGradient(_:_:gradient:weight:moments:adding:to:workspace:)``.
  static func normalizeGradientWorkspace(_ shape: NormalizationRows) -> KernelWorkspace

  /// The gradients by the input, the weight and the bias in one pass over the rows.
  ///
  /// - Parameters:
  ///   - shape: the kind, the extents and epsilon.
  ///   - x: the rows that were normalised.
  ///   - gradient: arrives for the result; the input's gradient may replace it.
  ///   - weight: the factor of each column.
  ///   - moments: what the forward kernel kept; computed again when `nil`.
  ///   - adding: rows that are added to the input's gradient, such as that of a residual path.
  ///   - targets: where the gradients go.
  ///   - workspace: partial sums.
  /// - Returns: one job for the rows, and one for the partial sums.
  static func normalizeGradient(
    _ shape: NormalizationRows, _ x: Place<Float>, gradient: Place<Float>, weight: Place<Float>?,
    moments: Place<Float>?, adding: Place<Float>?, to targets: NormalizationTargets,
    workspace: Place<Float>
  ) -> [KernelJob]

  /// The workspace of the softmax kernels for rows of `width` elements.
  static func softmaxWorkspace(width: Int) -> KernelWorkspace

  /// `exp(x) / Σ exp(x)` along an axis, or its logarithm; `y` may be `x` in the same place.
  static func softmax(
    _ x: PlacedTensor<Float>, axis: Int, logarithm: Bool, to y: PlacedTensor<Float>
  ) -> [KernelJob]

  /// From the result `y` and the gradient that arrives for it: `y · (g - Σ g·y)`, or
  /// `g - exp(y) · Σ g` of the logarithm.
  static func softmaxGradient(
    _ y: PlacedTensor<Float>, gradient: PlacedTensor<Float>, axis: Int, logarithm: Bool,
    to target: PlacedTensor<Float>
  ) -> [KernelJob]

  /// The workspace of ``rotary(_:positions:base:interleaved:inverse:to:workspace:)``.
  static func rotaryWorkspace(
    extents: [Int], positionStrides: [Int]
  ) -> KernelWorkspace

  /// Turns pair `j` of each row by `position · base^(-2j/d)`; the other way if `inverse`.
  ///
  /// - Parameters:
  ///   - x: rows along the last axis, whose extent is even.
  ///   - positions: the extents of `x` without the last, with a stride of zero where a position
  ///     serves several rows.
  ///   - base: of the frequencies.
  ///   - interleaved: whether pairs are neighbours, not halves apart.
  ///   - inverse: the sense of the turn.
  ///   - y: the result, which may be `x` in the same place.
  ///   - workspace: the cosines and sines.
  /// - Returns: jobs for the frequencies, the table and the rows.
  static func rotary(
    _ x: PlacedTensor<Float>, positions: PlacedTensor<Int32>, base: Double, interleaved: Bool,
    inverse: Bool, to y: PlacedTensor<Float>, workspace: Place<Float>
  ) -> [KernelJob]
}
