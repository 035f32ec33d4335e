// DecodingRefusalTests: what a model must not do to write row by row, each said at its line.
// A mask that is one column too wide is the mistake that nobody would see in the text.
import Execution
import Foundation
import IR
import Language
import Testing

@testable import PlumblineKit

@Suite struct DecodingRefusalTests {
  /// A model of one attention, with its scores hidden by an expression.
  private func text(_ hidden: String, mixed: String = "m") -> String {
    """
    model one {
      config vocab = 11, width = 8
      dim    B >= 1, T in 1...64

      let table = embedding(vocab, width)
      let head  = linear(width, vocab)

      forward(ids: i32[B, T]) -> logits: [B, T, vocab] {
        x       = table(ids)
        rows    = rearrange(iota(T) : t -> t 1)
        columns = rearrange(iota(T) : s -> 1 s)
        scores  = einsum(x, x : b t d, b s d -> b t s)
        scores  = \(hidden)
        weights = softmax(scores : b t [s])
        m       = einsum(weights, x : b t s, b s d -> b t d)
        return head(\(mixed))
      }
    }
    """
  }

  private func failure(_ text: String, keepsRows: Bool = true) throws -> RunFailure? {
    let loaded = Workspace.load(path: "one.model", text: text)
    let errors = loaded.diagnostics.filter { $0.severity == .error }.map(\.message)
    let model = try #require(loaded.model, "\(errors)")
    var options = LanguageModelOptions()
    options.keepsRows = keepsRows
    do {
      let kept = try LanguageModel(model, options)
      options.keepsRows = false
      let anew = try LanguageModel(model, options)
      var (row, other) = ([Float](repeating: 0, count: 11), [Float](repeating: 0, count: 11))
      for length in 1...20 {
        let tokens = (0..<length).map { $0 * 7 % 11 }
        try kept.source.read(tokens, into: &row)
        try anew.source.read(tokens, into: &other)
        #expect(row.map(\.bitPattern) == other.map(\.bitPattern), "after \(length) tokens")
      }
      return nil
    } catch let failure as RunFailure {
      return failure
    }
  }

  @Test(
    "a mask in any words is understood",
    arguments: [
      "mask_future(scores)",
      "where(compare(columns, rows, relation: \"less_equal\"), scores, -inf)",
      "where(compare(rows, columns, relation: \"less\"), -inf, scores)",
      "where(compare(rows - columns, 0, relation: \"greater_equal\"), scores, -1e9)",
      "where(compare(columns - 1, rows, relation: \"less\"), scores, -inf)",
      "mask_distant(mask_future(scores), window: 3)",
      "scores + where(compare(columns, rows, relation: \"greater\"), -inf, 0)",
      "scores + (1 - cast(compare(columns, rows, relation: \"less_equal\"), to: \"f32\")) * -1e9",
      "where(logical(compare(columns, rows, relation: \"less_equal\"),"
        + " compare(columns, rows - 4, relation: \"greater\"), kind: \"and\"), scores, -inf)",
      "where(compare(2 * columns, 2 * rows, relation: \"less_equal\"), scores / 3, -inf)",
    ])
  func masks(_ hidden: String) throws {
    let failure = try failure(text(hidden))
    #expect(failure == nil, "\(failure?.diagnostics.first?.message ?? "")")
  }

  @Test(
    "a mask that lets a later row through is not",
    arguments: [
      "scores", "mask_distant(scores, window: 3)",
      "where(compare(columns, rows + 1, relation: \"less_equal\"), scores, -inf)",
      "where(compare(columns, rows, relation: \"greater_equal\"), scores, -inf)",
      "where(compare(columns, rows, relation: \"less_equal\"), scores, -10)",
      "where(compare(columns, 2 * rows, relation: \"less_equal\"), scores, -inf)",
    ])
  func leaks(_ hidden: String) throws {
    for keepsRows in [true, false] {
      let found = try #require(try failure(text(hidden), keepsRows: keepsRows)?.diagnostics.first)
      #expect(found.id == "not-causal")
      #expect(found.range != nil)
    }
  }

  @Test("a mean over the sequence, and a sum, are refused where they stand")
  func pooled() throws {
    for pooled in ["sum", "mean"] {
      let mixed = "m + rearrange(\(pooled)(x : b [t] d) : b d -> b 1 d)"
      for keepsRows in [true, false] {
        let found = try failure(text("mask_future(scores)", mixed: mixed), keepsRows: keepsRows)
        #expect(found?.diagnostics.first?.id == "not-causal")
      }
    }
  }

  @Test("what has no form for one row is computed anew, once a trial has shown that it looks back")
  func trial() throws {
    let mask = "mask_future(scores)"
    let before = "m + pad(slice(m, axis: 1, from: 0, to: T - 1), axis: 1, before: 1, after: 0)"
    let after = "m + pad(slice(m, axis: 1, from: 1, to: T), axis: 1, before: 0, after: 1)"
    for mixed in [before, after] {
      let found = try failure(text(mask, mixed: mixed))
      #expect(found?.diagnostics.first?.id == "no-decoding-step")
    }
    #expect(try failure(text(mask, mixed: before), keepsRows: false) == nil)
    let tried = try failure(text(mask, mixed: after), keepsRows: false)
    #expect(tried?.diagnostics.first?.id == "not-causal")
  }

  @Test("rows that change with the length are refused, and computed anew where that is asked for")
  func lengths() throws {
    let path = Fixture.path("Fixtures/numeric/families/phi3_longrope")
    let model = try #require(try Workspace.load(path).model)
    var options = LanguageModelOptions()
    options.weights = path + "/model.safetensors"
    #expect(throws: RunFailure.self) { try LanguageModel(model, options) }
    options.keepsRows = false
    let anew = try LanguageModel(model, options)
    var row = [Float](repeating: 0, count: anew.classes)
    try anew.source.read([1, 2, 3], into: &row)
    #expect(row.contains { $0 != 0 })
  }

  @Test(
    "encoders and models of two sequences are refused",
    arguments: [
      ("4_bert_mlm", "not-causal"), ("5_t5", "no-language-model"),
      ("families/vit_pooled", "no-language-model"), ("families/xlnet", "no-decoding-step"),
    ])
  func encoders(_ path: String, _ id: String) throws {
    let directory = Fixture.path("Fixtures/numeric/" + path)
    let model = try #require(try Workspace.load(directory).model)
    var options = LanguageModelOptions()
    options.weights = directory + "/model.safetensors"
    let found = #expect(throws: RunFailure.self) { try LanguageModel(model, options) }
    #expect(found?.diagnostics.first?.id == id)
    options.keepsRows = false
    #expect(throws: RunFailure.self) { try LanguageModel(model, options) }
  }
}
