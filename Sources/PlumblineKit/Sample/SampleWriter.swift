// SampleWriter: text out of a model: token after token, over the end of the context if need be.
// Where tokens go meanwhile is the caller's affair; what was written is returned as a whole.
import Execution
import Kernels
import Training

/// What is written.
package struct WritingOptions: Hashable, Sendable {
  package var sampling = SamplingSettings()
  /// How many tokens a sample has beside the prompt.
  package var tokens = 200
  package var samples = 1
  package var seed: UInt64 = 0
  /// How many of the model's classes stand for something; `nil` where nobody knows.
  package var symbols: Int?

  package init() {}
}

/// One text.
package struct WrittenSample: Hashable, Sendable {
  /// Without the prompt.
  package var tokens: [Int] = []
  /// For each, the logarithm of the probability that the model gave it.
  package var logProbabilities: [Double] = []
  /// How often the context was full, so that its second half was read again.
  package var slides = 0
}

/// Writes samples.
package struct SampleWriter {
  private let model: LanguageModel
  private let prompt: [Int]
  private let options: WritingOptions
  /// The time of prompts and of tokens, in seconds.
  package private(set) var promptSeconds = 0.0
  package private(set) var tokenSeconds = 0.0
  /// The tokens whose time that is.
  package private(set) var timedTokens = 0

  /// - Parameters:
  ///   - model: what writes.
  ///   - prompt: at least one token, all below the model's classes.
  ///   - options: how much is written, and how it is chosen.
  package init(_ model: LanguageModel, prompt: [Int], _ options: WritingOptions) {
    precondition(!prompt.isEmpty, "a text begins with something")
    (self.model, self.prompt, self.options) = (model, prompt, options)
  }

  /// Of the tokens after the first, which waits for the prompt; `nil` where there are none.
  package var tokensPerSecond: Double? {
    timedTokens > 0 && tokenSeconds > 0 ? Double(timedTokens) / tokenSeconds : nil
  }

  /// Writes one sample.
  ///
  /// - Parameters:
  ///   - number: of the sample, from zero; another number is another text.
  ///   - show: is given each token when it is there.
  /// - Returns: the tokens and what the model gave them.
  /// - Throws: ``RunFailure`` when the model does not make numbers.
  package mutating func write(
    _ number: Int, show: (Int) -> Void
  ) throws(RunFailure) -> WrittenSample {
    var sample = WrittenSample()
    var sampler = TokenSampler(
      options.sampling, classes: model.classes, symbols: options.symbols)
    var logits = [Float](repeating: 0, count: model.classes)
    var context = prompt
    context.reserveCapacity(max(prompt.count, model.context) + 1)
    model.source.reset()
    let clock = ContinuousClock()
    for position in 0..<options.tokens {
      let start = clock.now
      if context.count > model.context {
        // The rows of a full context stand at the wrong positions, so its end is read anew.
        context.removeFirst(context.count - max(model.context / 2, 1))
        model.source.reset()
        sample.slides += 1
      }
      do throws(ExecutionFault) {
        try model.source.read(context, into: &logits)
      } catch {
        throw RunFailure(error)
      }
      // Chance is counted, not kept: a token's bits depend on its number alone.
      var bits = RandomBits(seed: options.seed, name: "sample \(number) token \(position)")
      guard let choice = sampler.choose(logits, bits: &bits) else {
        throw RunFailure(
          "logits-not-finite",
          "after \(prompt.count + position) tokens the model's logits are not all numbers",
          help: "look at the weights with `plumbline check`, and at the loss of the run")
      }
      sample.tokens.append(choice.token)
      sample.logProbabilities.append(choice.logProbability)
      context.append(choice.token)
      show(choice.token)
      let seconds = Self.seconds(start.duration(to: clock.now))
      if position == 0 {
        promptSeconds += seconds
      } else {
        tokenSeconds += seconds
        timedTokens += 1
      }
    }
    return sample
  }

  private static func seconds(_ duration: Duration) -> Double {
    Double(duration.components.seconds) + Double(duration.components.attoseconds) * 1e-18
  }
}
