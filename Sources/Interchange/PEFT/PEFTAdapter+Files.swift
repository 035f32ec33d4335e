// PEFTAdapter+Files: the two files of an adapter on disk.
// The weights come first, so that a config never stands beside weights that it does not describe.
import Foundation

extension PEFTAdapter {
  /// Writes `adapter_model.safetensors` and `adapter_config.json`; each is whole or not there.
  ///
  /// - Parameters:
  ///   - folder: is made where it is missing.
  ///   - tensors: two for each layer, and the weights of layers that are stored whole.
  /// - Throws: ``SafetensorsError`` when a file can't be written, or the tensors are not those that
  ///   the config describes.
  package func write(
    to folder: String, _ tensors: [SafetensorsTensor]
  ) throws(SafetensorsError) {
    try check(tensors)
    let root = URL(fileURLWithPath: folder, isDirectory: true)
    do {
      try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true)
    } catch {
      throw .file(path: folder, reason: "cannot be made: \(SafetensorsReader.reason(error))")
    }
    try SafetensorsWriter(tensors).write(
      to: root.appendingPathComponent(PEFTAdapter.weightsName).path)
    let path = root.appendingPathComponent(PEFTAdapter.configName).path
    do throws(DiskFault) {
      try DurableFile.write(config, to: path)
    } catch {
      throw .file(path: path, reason: error.reason)
    }
  }

  private func check(_ tensors: [SafetensorsTensor]) throws(SafetensorsError) {
    var shapes: [String: [Int]] = [:]
    for tensor in tensors { shapes[tensor.name] = tensor.shape }
    for layer in layers {
      for (name, shape) in [
        (layer.downName, [layer.rank, layer.input]), (layer.upName, [layer.output, layer.rank]),
      ] {
        guard shapes[name] == shape else {
          throw .file(
            path: PEFTAdapter.weightsName,
            reason: "`\(name)` must be \(shape), found \(shapes[name].map { "\($0)" } ?? "nothing")"
          )
        }
      }
    }
  }
}
