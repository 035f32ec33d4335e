// HeldWeights: a model's weights in memory that several steps read, mapped where the file allows it.
// Apart from MappedRun, whose one step is over before its file is closed.
import Execution
import IR
import Interchange
import Kernels

/// Weights that stay where they are as long as this is held.
protocol HeldWeights: AnyObject {
  /// The memory of every weight of the graph, in its order.
  var tensors: [ExternalWeight] { get }
}

/// Weights of a file.
///
/// A class, because the mapping must live as long as the steps that read it.
final class FileWeights<File: WeightsFile & ~Copyable>: HeldWeights {
  let tensors: [ExternalWeight]
  private let file: File
  private let memory: KeptMemory

  /// - Throws: ``RunFailure`` when the file doesn't fit the model.
  init(
    _ file: consuming File, for step: StepGraph, fresh: Set<String> = []
  ) throws(RunFailure) {
    let names = try WeightFindings.tensors(of: file, for: step, fresh: fresh)
    var places: [Int: ExternalWeight] = [:]
    var copies: [Int: [Float]] = [:]
    do throws(SafetensorsError) {
      for (index, name) in names.enumerated() {
        guard let name else { continue }
        if let place = try file.place(name), let start = place.baseAddress {
          places[index] = ExternalWeight(start, bytes: place.count * MemoryLayout<Float>.stride)
        } else {
          copies[index] = try file.floats(name)
        }
      }
    } catch {
      throw RunFailure(error)
    }
    for index in names.indices where names[index] == nil {
      let implied: NDArray<Float> = try step.implied(index)
      copies[index] = implied.reals
    }
    memory = try KeptMemory.holding(copies)
    let order = copies.keys.sorted()
    for (place, index) in order.enumerated() { places[index] = memory.tensor(place) }
    tensors = names.indices.compactMap { places[$0] }
    self.file = file
  }
}

/// Weights that were trained, over those that were not.
final class LayeredWeights: HeldWeights {
  let tensors: [ExternalWeight]
  private let base: any HeldWeights
  private let memory: KeptMemory

  /// - Throws: ``RunFailure`` when a tensor is of another model.
  init(_ own: SafetensorsReader, over base: any HeldWeights, for step: StepGraph) throws(RunFailure)
  {
    var numbers: [Int: [Float]] = [:]
    do throws(SafetensorsError) {
      for (index, weight) in step.weights.enumerated() {
        guard let shape = own.header[weight.name]?.shape else { continue }
        guard shape == weight.shape else {
          throw .file(
            path: own.path,
            reason: "is of another model: `\(weight.name)` is \(shape), expected \(weight.shape)")
        }
        numbers[index] = try own.floats(weight.name)
      }
    } catch {
      throw RunFailure(error)
    }
    guard numbers.count == own.entries.count else {
      throw RunFailure("checkpoint-damaged", "\(own.path) holds weights of another model")
    }
    memory = try KeptMemory.holding(numbers)
    var tensors = base.tensors
    for (place, index) in numbers.keys.sorted().enumerated() {
      tensors[index] = memory.tensor(place)
    }
    self.tensors = tensors
    self.base = base
  }
}

/// Weights from their initialisers.
final class DrawnWeights: HeldWeights {
  let tensors: [ExternalWeight]
  private let memory: KeptMemory

  /// - Throws: ``RunFailure`` when the weights don't fit the memory.
  init(_ arrays: [NDArray<Float>]) throws(RunFailure) {
    var numbers: [Int: [Float]] = [:]
    for (index, array) in arrays.enumerated() { numbers[index] = array.reals }
    let memory = try KeptMemory.holding(numbers)
    self.memory = memory
    tensors = arrays.indices.map { memory.tensor($0) }
  }
}

extension KeptMemory {
  /// Memory with the numbers of some tensors, in the order of their keys.
  fileprivate static func holding(_ numbers: [Int: [Float]]) throws(RunFailure) -> KeptMemory {
    let order = numbers.keys.sorted()
    do throws(ExecutionFault) {
      let memory = try KeptMemory(
        order.map { (numbers[$0]?.count ?? 0) * MemoryLayout<Float>.stride })
      for (place, index) in order.enumerated() { memory.write(numbers[index] ?? [], to: place) }
      return memory
    } catch {
      throw RunFailure(error)
    }
  }
}
