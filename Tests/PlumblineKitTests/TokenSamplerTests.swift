// TokenSamplerTests: what may be chosen, how often it is, and text that comes byte by byte.
// Apart from the models: logits are given by hand here.
import Execution
import Testing

@testable import Training

@Suite struct TokenSamplerTests {
  private func chosen(
    _ logits: [Float], times: Int = 4000, _ change: (inout SamplingSettings) -> Void
  ) -> [Int] {
    var settings = SamplingSettings()
    change(&settings)
    var sampler = TokenSampler(settings, classes: logits.count)
    var counts = [Int](repeating: 0, count: logits.count)
    for draw in 0..<times {
      var bits = RandomBits(seed: 5, name: "draw \(draw)")
      if let choice = sampler.choose(logits, bits: &bits) { counts[choice.token] += 1 }
    }
    return counts
  }

  @Test("tokens come as often as their probabilities say, at any temperature")
  func frequencies() {
    let logits: [Float] = [0, 1, 2]
    for temperature in [0.5, 1, 3] {
      let counts = chosen(logits, times: 20_000) { $0.temperature = temperature }
      let weights = logits.map { Double.exponential(Double($0) / temperature) }
      let mass = weights.reduce(0, +)
      for (count, weight) in zip(counts, weights) {
        #expect(abs(Double(count) / 20_000 - weight / mass) < 0.015)
      }
    }
  }

  @Test("temperature zero and the best one of top-k take the first of the largest")
  func greedy() {
    #expect(chosen([1, 4, 4, 0], times: 10) { $0.temperature = 0 } == [0, 10, 0, 0])
    #expect(chosen([1, 3, 4, 0], times: 10) { $0.topK = 1 } == [0, 0, 10, 0])
  }

  @Test("top-k leaves the best, and what equals the last of them")
  func topK() {
    let counts = chosen([5, 1, 4, 4, 3]) { $0.topK = 2 }
    #expect(counts[0] > 0 && counts[2] > 0 && counts[3] > 0)
    #expect(counts[1] == 0 && counts[4] == 0)
    #expect(chosen([1, 2, 3]) { $0.topK = 9 }.allSatisfy { $0 > 0 })
  }

  @Test("top-p leaves the fewest tokens that hold the mass, and at least one")
  func topP() {
    // Probabilities 0.5, 0.3, 0.15 and 0.05.
    let logits = [0.5, 0.3, 0.15, 0.05].map { Float(Double.logarithm($0)) }
    func kept(_ share: Double) -> [Bool] {
      chosen(logits) { $0.topP = share }.map { $0 > 0 }
    }
    #expect(kept(1e-9) == [true, false, false, false])
    #expect(kept(0.45) == [true, false, false, false])
    #expect(kept(0.7) == [true, true, false, false])
    #expect(kept(0.9) == [true, true, true, false])
    #expect(kept(1) == [true, true, true, true])
  }

  @Test("top-k comes before top-p, and temperature before both")
  func order() {
    let logits = [0.4, 0.3, 0.2, 0.1].map { Float(Double.logarithm($0)) }
    // Of the two best the first holds 4/7, less than 0.6.
    let two = chosen(logits) {
      $0.topK = 2
      $0.topP = 0.6
    }
    #expect(two.map { $0 > 0 } == [true, true, false, false])
    // At temperature one half it holds 16/25.
    let colder = chosen(logits) {
      $0.topK = 2
      $0.topP = 0.6
      $0.temperature = 0.5
    }
    #expect(colder.map { $0 > 0 } == [true, false, false, false])
  }

  @Test("a choice tells the model's own probability, whatever was cut off")
  func probabilities() throws {
    var settings = SamplingSettings()
    settings.topK = 1
    var sampler = TokenSampler(settings, classes: 2)
    var bits = RandomBits(seed: 0)
    let choice = try #require(sampler.choose([0, Float(Double.logarithm(3))], bits: &bits))
    #expect(abs(choice.logProbability - Double.logarithm(0.75)) < 1e-6)
  }

  @Test("logits that are no numbers choose nothing")
  func hostile() {
    var sampler = TokenSampler(SamplingSettings(), classes: 2)
    var bits = RandomBits(seed: 0)
    #expect(sampler.choose([.nan, 0], bits: &bits) == nil)
    #expect(sampler.choose([.infinity, 0], bits: &bits) == nil)
    #expect(sampler.choose([-.infinity, -.infinity], bits: &bits) == nil)
    #expect(sampler.choose([-.infinity, 0], bits: &bits)?.token == 1)
  }

  @Test(
    "bytes become text a character at a time, and the same text as all at once",
    arguments: [
      Array("añ€𝄞z".utf8), [0xE2, 0x82, 0x61], [0xF0, 0x9F], [0x80, 0x80, 0x41],
      [0xE0, 0x80, 0x80],
      [0xC3, 0xC3, 0xA9], [0xFF, 0xF0, 0x41, 0xE2, 0x82, 0xAC],
    ] as [[UInt8]])
  func bytes(_ bytes: [UInt8]) {
    var stream = TextStream()
    var text = ""
    for byte in bytes { text += stream.append([byte]) }
    text += stream.finish()
    #expect(text == String(decoding: bytes, as: UTF8.self))
  }

  @Test("a character is printed with its last byte and not before")
  func held() {
    var stream = TextStream()
    #expect(stream.append([0x61, 0xE2]) == "a")
    #expect(stream.append([0x82]) == "")
    #expect(stream.append([0xAC, 0x62]) == "€b")
    #expect(stream.finish() == "")
  }

  @Test("a class that stands for nothing is never chosen, however likely the model finds it")
  func symbols() throws {
    let logits: [Float] = [1, 3, 2, 9, 8]
    for temperature in [0, 1, 1e30] {
      for (topK, topP) in [(nil, nil), (2, nil), (nil, 0.5)] as [(Int?, Double?)] {
        var settings = SamplingSettings()
        settings.temperature = temperature
        (settings.topK, settings.topP) = (topK, topP)
        var sampler = TokenSampler(settings, classes: 5, symbols: 3)
        var bits = RandomBits(seed: 1, name: "symbols")
        for _ in 0..<50 {
          let choice = try #require(sampler.choose(logits, bits: &bits))
          #expect(choice.token < 3)
          if temperature == 0 { #expect(choice.token == 1) }
        }
      }
    }
  }
}
