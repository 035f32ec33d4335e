// WeightsFile: what a run asks of a file of weights, whatever its format is.
// Apart from both formats, so that neither knows the other.

/// A file whose tensors have the names and the layout of a Hugging Face checkpoint.
package protocol WeightsFile: ~Copyable {
  var path: String { get }

  /// The names and shapes, in the order of the file.
  var tensors: [(name: String, shape: [Int])] { get }

  /// An fp32 tensor where it lies; nil when its values have to be converted or moved first.
  borrowing func place(_ name: String) throws(SafetensorsError) -> UnsafeBufferPointer<Float>?

  /// A copy of a tensor's values as fp32, in row-major order.
  borrowing func floats(_ name: String) throws(SafetensorsError) -> [Float]

  /// A copy of a tensor's values as fp64, in row-major order.
  borrowing func doubles(_ name: String) throws(SafetensorsError) -> [Double]

  /// Whether two tensors have the same type, shape and bytes.
  borrowing func holdsSame(_ name: String, _ other: String) throws(SafetensorsError) -> Bool
}

extension MappedSafetensors: WeightsFile {
  package var tensors: [(name: String, shape: [Int])] { entries.map { ($0.name, $0.shape) } }
}
