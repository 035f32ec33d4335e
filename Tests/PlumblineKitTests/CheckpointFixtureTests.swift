// CheckpointFixtureTests: checkpoints of transformers, sound ones clean and damaged ones told in the
// words that were reviewed. `UPDATE_SNAPSHOTS=1 swift test --filter CheckpointFixture` rewrites them.
import Diagnostics
import Foundation
import PlumblineKit
import Testing

/// The checkpoints of the fixtures, lengthened to their sizes.
enum CheckpointFixture {
  static let folder = packagePath("Fixtures/checkpoints") + "/"

  static let names: [String] =
    ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [])
    .filter { !$0.contains(".") }.sorted()

  /// Copies a checkpoint into a directory, and gives the directory of the copy.
  static func unpack(_ name: String, into directory: String) throws -> String {
    let target = directory + "/" + name
    try FileManager.default.createDirectory(atPath: target, withIntermediateDirectories: true)
    let sizes = try String(contentsOfFile: folder + name + "/sizes.txt", encoding: .utf8)
    for line in sizes.split(separator: "\n") {
      let words = line.split(separator: " ").map(String.init)
      let head = try Data(
        contentsOf: URL(fileURLWithPath: folder + name + "/" + words[0] + ".head"))
      let file = URL(fileURLWithPath: target + "/" + words[0])
      try head.write(to: file)
      let handle = try FileHandle(forWritingTo: file)
      try handle.truncate(atOffset: try #require(UInt64(words[1])))
      try handle.close()
    }
    for file in try FileManager.default.contentsOfDirectory(atPath: folder + name)
    where file.hasSuffix(".json") {
      try FileManager.default.copyItem(
        atPath: folder + name + "/" + file, toPath: target + "/" + file)
    }
    return target
  }
}

@Suite struct CheckpointFixtureTests {
  private static var updates: Bool {
    ProcessInfo.processInfo.environment["UPDATE_SNAPSHOTS"] == "1"
  }

  static let good = CheckpointFixture.names.filter { $0.hasPrefix("good_") }
  /// One is wrong in its config alone, whose words are other suites' matter.
  static let bad = CheckpointFixture.names.filter {
    $0.hasPrefix("bad_") && $0 != "bad_heads_not_dividing"
  }

  @Test(
    "a sound checkpoint has no finding about its weights, and every tensor is as it should be",
    arguments: good)
  func sound(_ name: String) throws {
    let folder = try TemporaryFolder()
    let path = try CheckpointFixture.unpack(name, into: folder.path)
    let outcome = plumbline("check", path)
    #expect(outcome.status == .clean)
    #expect(outcome.output.contains("all as the model has them"), "\(outcome.output)")
    let loaded = try Workspace.load(path).checkingCheckpoints(at: path)
    #expect(loaded.diagnostics.isEmpty)
  }

  @Test("a damaged checkpoint is told as it was reviewed, and fails", arguments: bad)
  func damaged(_ name: String) throws {
    let folder = try TemporaryFolder()
    let path = try CheckpointFixture.unpack(name, into: folder.path)
    let outcome = plumbline("check", path)
    #expect(outcome.status == .findings)
    let text = outcome.output.replacingOccurrences(of: folder.path + "/", with: "")
    let expected = CheckpointFixture.folder + name + "/report.expected"
    if Self.updates {
      try Data(text.utf8).write(to: URL(fileURLWithPath: expected))
      return
    }
    #expect(try String(contentsOfFile: expected, encoding: .utf8) == text, "\(name)")
  }

  @Test(
    "the damage is told by its own kind, with the tensor where there is one",
    arguments: [
      ("bad_bad_json", "checkpoint-unreadable", "found `[`"),
      ("bad_dtype_size", "tensor-size-differs", "transformer.h.0.attn.c_attn.weight"),
      ("bad_duplicate_key", "tensor-declared-twice", "transformer.h.0.attn.c_attn.bias"),
      ("bad_extra_tensor", "tensor-unexpected", "transformer.h.7.attn.c_attn.bogus.weight"),
      ("bad_header_length", "checkpoint-unreadable", "133345"),
      ("bad_heads_not_dividing", "requirement-failed", "32 % 5"),
      ("bad_hidden_size", "checkpoint-fits-other-config", "`n_embd` 32"),
      ("bad_layers_more", "layer-count-differs", "transformer.h.2.ln_1.weight"),
      ("bad_missing_tensor", "tensor-missing", "transformer.h.0.ln_1.weight"),
      ("bad_overlap", "tensors-overlap", "transformer.h.0.attn.c_attn.weight"),
      ("bad_reversed_offsets", "tensor-outside-file", "transformer.h.0.attn.c_attn.weight"),
      ("bad_shape_vs_bytes", "tensor-size-differs", "transformer.h.0.attn.c_attn.weight"),
      ("bad_shard_index", "shard-lacks-tensor", "model.layers.0.mlp.down_proj.weight"),
      ("bad_shard_missing_file", "shard-missing", "model-00002-of-00003.safetensors"),
      ("bad_trailing_bytes", "checkpoint-bytes-unused", "64 bytes"),
      ("bad_transposed", "tensor-transposed", "transformer.h.0.attn.c_attn.weight"),
      ("bad_truncated", "tensor-outside-file", "transformer.wte.weight"),
      ("bad_unknown_dtype", "tensor-type-unknown", "F48"),
      ("bad_vocab_mismatch", "vocabulary-differs", "transformer.wte.weight"),
    ])
  func kinds(_ name: String, _ id: String, _ words: String) throws {
    let folder = try TemporaryFolder()
    let path = try CheckpointFixture.unpack(name, into: folder.path)
    let loaded = try Workspace.load(path).checkingCheckpoints(at: path)
    let finding = try #require(loaded.diagnostics.first { $0.id == id })
    let text = ([finding.message] + finding.facts.map(\.text)).joined(separator: "\n")
    #expect(text.contains(words), "\(text)")
    #expect(loaded.diagnostics.count <= 2, "\(loaded.diagnostics.map(\.id))")
  }

  @Test(
    "a fix of the config makes the checkpoint fit",
    arguments: ["bad_hidden_size", "bad_layers_more", "bad_vocab_mismatch"])
  func fixes(_ name: String) throws {
    let folder = try TemporaryFolder()
    let path = try CheckpointFixture.unpack(name, into: folder.path)
    let loaded = try Workspace.load(path).checkingCheckpoints(at: path)
    let fix = try #require(loaded.diagnostics.first?.fixes.first)
    let outcome = FixApplier.apply([fix], in: loaded.sources)
    let changed = try #require(outcome.texts.values.first)
    _ = try folder.file("\(name)/config.json", changed)
    #expect(plumbline("check", path).status == .clean)
  }

  @Test("every format names the checkpoint's file")
  func formats() throws {
    let folder = try TemporaryFolder()
    let path = try CheckpointFixture.unpack("bad_missing_tensor", into: folder.path)
    for format in ["json", "github", "sarif"] {
      let outcome = plumbline("check", path, "--format", format)
      #expect(outcome.status == .findings)
      #expect(outcome.output.contains("model.safetensors"), "\(format)")
      #expect(outcome.output.contains("transformer.h.0.ln_1.weight"), "\(format)")
    }
  }
}
