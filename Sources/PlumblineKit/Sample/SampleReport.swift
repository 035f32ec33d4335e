// SampleReport: what was written, for machines.
// Apart from the writer, because a person sees the text while it is made.
import Foundation
import Training

/// Samples and how they were made.
package struct SampleReport: Encodable, Sendable {
  struct Text: Encodable, Sendable {
    let ids: [Int]
    let text: String?
  }

  struct Sample: Encodable, Sendable {
    let ids: [Int]
    let text: String?
    let logProbabilities: [Double]
    /// How often the context was full and its second half was read again.
    let slides: Int
  }

  let model: String
  let weights: String
  let seed: UInt64
  let temperature: Double
  let topK: Int?
  let topP: Double?
  let context: Int
  let keepsRows: Bool
  let prompt: Text
  var samples: [Sample] = []
  var tokensPerSecond: Double?

  package init(
    _ name: String, _ source: SampleSource, prompt: [Int], _ options: WritingOptions,
    context: Int, keepsRows: Bool
  ) {
    model = name
    weights = source.weights
    seed = options.seed
    temperature = options.sampling.temperature
    topK = options.sampling.topK
    topP = options.sampling.topP
    self.context = context
    self.keepsRows = keepsRows
    self.prompt = Text(ids: prompt, text: source.vocabulary?.decode(prompt))
  }

  package mutating func add(_ sample: WrittenSample, _ vocabulary: Vocabulary?) {
    samples.append(
      Sample(
        ids: sample.tokens, text: vocabulary?.decode(sample.tokens),
        logProbabilities: sample.logProbabilities, slides: sample.slides))
  }

  package mutating func add(tokensPerSecond: Double?) {
    self.tokensPerSecond = tokensPerSecond
  }

  /// The text of the document.
  package var json: String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(self) else {
      preconditionFailure("numbers and texts can't be encoded")
    }
    return String(decoding: data, as: UTF8.self) + "\n"
  }
}
