// CheckpointGuessTests: weights without a config say which config would fit them.
// Apart from the rules, which need a model to hold the weights against.
import Foundation
import PlumblineKit
import Testing

@Suite struct CheckpointGuessTests {
  @Test("the family and the sizes of a lone file are solved from its shapes")
  func lone() throws {
    let folder = try TemporaryFolder()
    var sample = CheckpointSample.llama
    sample.config = [:]
    let path = try sample.write(folder)
    for operand in [path, path + "/model.safetensors"] {
      let outcome = plumbline("check", operand)
      #expect(outcome.status == .clean, "\(outcome.output)")
      for words in [
        "note[config-inferred]", "\"model_type\": \"llama\"", "\"hidden_size\": 32",
        "\"intermediate_size\": 48", "\"num_hidden_layers\": 2", "\"vocab_size\": 96",
        "\"tie_word_embeddings\": false", "no shape decides", "all as the model has them",
      ] {
        #expect(outcome.output.contains(words), "\(words)")
      }
    }
  }

  @Test("a tied file without biases is told from its kin by names alone")
  func gpt2() throws {
    let folder = try TemporaryFolder()
    var sample = CheckpointSample.gpt2
    sample.config = [:]
    let outcome = plumbline("check", try sample.write(folder))
    #expect(outcome.status == .clean)
    #expect(outcome.output.contains("\"model_type\": \"gpt2\""))
    #expect(outcome.output.contains("\"n_embd\": 32"))
    #expect(outcome.output.contains("\"n_positions\": 16"))
  }

  @Test("tensors of no known family are checked by their headers alone")
  func unknown() throws {
    let folder = try TemporaryFolder()
    var sample = CheckpointSample(config: [:], tensors: [])
    sample.add("something.else", [3, 5])
    let outcome = plumbline("check", try sample.write(folder))
    #expect(outcome.status == .clean)
    #expect(outcome.output.contains("1 tensor, float32, 60 bytes, headers alone were checked"))
  }
}
