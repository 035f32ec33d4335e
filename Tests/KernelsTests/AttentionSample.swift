// AttentionSample: one attention with numbers, and its results by the definition in double precision.
// Each reference carries the sum of the sizes of its terms, to which a rounding error is in proportion.
import Kernels

/// Elements by the definition, and for each the sum of the absolute values that make it.
struct AttentionReference {
  var elements: [Double]
  var sizes: [Double]

  init(_ count: Int) {
    elements = Array(repeating: 0, count: count)
    sizes = elements
  }

  mutating func add(_ term: Double, size: Double, at index: Int) {
    elements[index] += term
    sizes[index] += size
  }

  /// The first element that is further off than `relative` times its terms.
  func mismatch(_ found: [Float], relative: Double) -> String? {
    for index in elements.indices {
      let bound = relative * sizes[index] + 1e-30
      let difference = abs(Double(found[index]) - elements[index])
      if !(difference <= bound) {
        return "element \(index): \(found[index]) instead of \(elements[index]) ± \(bound)"
      }
    }
    return nil
  }
}

/// Attention of `batch` times `heads` times `group` queries, of which a group shares keys.
struct AttentionSample: CustomStringConvertible {
  enum Mask: CaseIterable { case none, padding, full }
  enum Bias: CaseIterable { case none, perKey, full }

  var batch = 1
  var heads = 1
  var group = 1
  var queries = 1
  var keys = 1
  var width = 1
  var valueWidth = 1
  var causal = false
  var mask = Mask.none
  var bias = Bias.none
  var amplitude: Float = 1
  var scale: Double?

  var description: String {
    "[\(batch), \(heads), \(group)] T \(queries) S \(keys) d \(width) e \(valueWidth) "
      + "causal \(causal) mask \(mask) bias \(bias) amplitude \(amplitude)"
  }

  var entries: Int { batch * heads * group }
  var options: AttentionOptions { AttentionOptions(causal: causal, scale: scale) }

  /// Queries and results lie as a layer gives them, `[batch, queries, heads, group, width]`.
  func queryStrides(_ width: Int) -> [Int] {
    let row = heads * group * width
    return [queries * row, group * width, width, row, 1]
  }

  /// `[batch, heads, keys, width]`, the same for the whole group.
  func keyStrides(_ width: Int) -> [Int] {
    [heads * keys * width, keys * width, 0, width, 1]
  }

  var maskStrides: [Int] {
    mask == .padding ? [keys, 0, 0, 0, 1] : [queries * keys, 0, 0, keys, 1]
  }

  var biasStrides: [Int] {
    bias == .perKey
      ? [0, 0, 0, 0, 1] : [0, group * queries * keys, queries * keys, keys, 1]
  }

  var biasCount: Int { bias == .perKey ? keys : heads * group * queries * keys }

  static func random(_ random: inout KernelRandom) -> AttentionSample {
    func pick(_ values: [Int]) -> Int { values.randomElement(using: &random) ?? 1 }
    var sample = AttentionSample()
    (sample.batch, sample.heads, sample.group) = (pick([1, 2]), pick([1, 2]), pick([1, 1, 3]))
    sample.queries = pick([1, 2, 7, 15, 16, 17, 31, 32, 33, 67])
    sample.causal = Bool.random(using: &random)
    sample.keys =
      sample.causal ? sample.queries + pick([0, 0, 1, 30]) : pick([1, 5, 63, 64, 65, 97])
    sample.width = pick([1, 3, 7, 8, 9, 16, 24, 33, 64, 101, 256])
    sample.valueWidth = pick([1, 2, 8, 11, 16, 33, 64, 256])
    sample.mask = Mask.allCases.randomElement(using: &random) ?? .none
    sample.bias = Bias.allCases.randomElement(using: &random) ?? .none
    sample.amplitude = [0.5, 1, 4].randomElement(using: &random) ?? 1
    sample.scale = Bool.random(using: &random) ? nil : 0.3
    return sample
  }
}

/// The numbers of a sample.
struct AttentionNumbers {
  let sample: AttentionSample
  var query: [Float]
  var key: [Float]
  var value: [Float]
  var gradient: [Float]
  var mask: [Bool]
  var bias: [Float]

  init(_ sample: AttentionSample, _ random: inout KernelRandom) {
    self.sample = sample
    let range = -sample.amplitude...sample.amplitude
    let keyRows = sample.batch * sample.heads * sample.keys
    query = random.reals(sample.entries * sample.queries * sample.width, range)
    key = random.reals(keyRows * sample.width, range)
    value = random.reals(keyRows * sample.valueWidth)
    gradient = random.reals(sample.entries * sample.queries * sample.valueWidth)
    mask = (0..<sample.batch * sample.queries * sample.keys).map { _ in
      Int.random(in: 0..<3, using: &random) > 0
    }
    // Some rows see nothing.
    for index in mask.indices.prefix(2 * sample.keys) { mask[index] = false }
    bias = random.reals(sample.biasCount)
  }

  func sees(_ batch: Int, _ query: Int, _ key: Int) -> Bool {
    if sample.causal, key > query + sample.keys - sample.queries { return false }
    return switch sample.mask {
    case .none: true
    case .padding: mask[batch * sample.keys + key]
    case .full: mask[(batch * sample.queries + query) * sample.keys + key]
    }
  }

  func bias(_ head: Int, _ query: Int, _ key: Int) -> (place: Int, value: Double)? {
    switch sample.bias {
    case .none: return nil
    case .perKey: return (key, Double(bias[key]))
    case .full:
      let place = (head * sample.queries + query) * sample.keys + key
      return (place, Double(bias[place]))
    }
  }
}

/// Results and gradients by the definition.
struct AttentionReferences {
  var output: AttentionReference
  var byQuery: AttentionReference
  var byKey: AttentionReference
  var byValue: AttentionReference
  var byBias: AttentionReference
  /// Of the sums that make a score, the largest size.
  var largestScore = 0.0

  init(_ numbers: AttentionNumbers) {
    let sample = numbers.sample
    output = AttentionReference(numbers.gradient.count)
    byQuery = AttentionReference(numbers.query.count)
    byKey = AttentionReference(numbers.key.count)
    byValue = AttentionReference(numbers.value.count)
    byBias = AttentionReference(numbers.bias.count)
    for entry in 0..<sample.entries {
      for query in 0..<sample.queries { add(numbers, entry: entry, query: query) }
    }
  }

  private mutating func add(_ numbers: AttentionNumbers, entry: Int, query: Int) {
    let sample = numbers.sample
    let (batch, head) = entry.quotientAndRemainder(dividingBy: sample.heads * sample.group)
    let keyHead = batch * sample.heads + head / sample.group
    let row = (batch * sample.queries + query) * sample.heads * sample.group + head
    let (q, o) = (row * sample.width, row * sample.valueWidth)
    let factor = sample.options.factor(width: sample.width)
    var weights = Array(repeating: -Double.infinity, count: sample.keys)
    for key in 0..<sample.keys where numbers.sees(batch, query, key) {
      let k = (keyHead * sample.keys + key) * sample.width
      var (score, size) = (0.0, 0.0)
      for x in 0..<sample.width {
        let term = factor * Double(numbers.query[q + x]) * Double(numbers.key[k + x])
        score += term
        size += abs(term)
      }
      if let bias = numbers.bias(head, query, key) {
        score += bias.value
        size += abs(bias.value)
      }
      largestScore = max(largestScore, size)
      weights[key] = score
    }
    guard let largest = weights.max(), largest > -.infinity else { return }
    weights = weights.map { Double.exponential($0 - largest) }
    let sum = weights.reduce(0, +)
    for key in weights.indices { weights[key] /= sum }
    var (dot, dotSize) = (0.0, 0.0)
    for x in 0..<sample.valueWidth {
      for key in 0..<sample.keys {
        let term =
          weights[key]
          * Double(numbers.value[(keyHead * sample.keys + key) * sample.valueWidth + x])
        output.add(term, size: abs(term), at: o + x)
      }
      dot += output.elements[o + x] * Double(numbers.gradient[o + x])
      dotSize += output.sizes[o + x] * abs(Double(numbers.gradient[o + x]))
    }
    for key in 0..<sample.keys where weights[key] > 0 {
      let v = (keyHead * sample.keys + key) * sample.valueWidth
      let k = (keyHead * sample.keys + key) * sample.width
      var (byWeight, byWeightSize) = (0.0, 0.0)
      for x in 0..<sample.valueWidth {
        let arriving = Double(numbers.gradient[o + x])
        byWeight += arriving * Double(numbers.value[v + x])
        byWeightSize += abs(arriving * Double(numbers.value[v + x]))
        byValue.add(weights[key] * arriving, size: abs(weights[key] * arriving), at: v + x)
      }
      let byScore = weights[key] * (byWeight - dot)
      let size = weights[key] * (byWeightSize + dotSize)
      if let bias = numbers.bias(head, query, key) {
        byBias.add(byScore, size: size, at: bias.place)
      }
      for x in 0..<sample.width {
        let (ownKey, ownQuery) = (
          factor * Double(numbers.key[k + x]), factor * Double(numbers.query[q + x])
        )
        byQuery.add(byScore * ownKey, size: size * abs(ownKey), at: q + x)
        byKey.add(byScore * ownQuery, size: size * abs(ownQuery), at: k + x)
      }
    }
  }
}
