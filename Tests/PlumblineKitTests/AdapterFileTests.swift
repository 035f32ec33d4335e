// AdapterFileTests: adapters as PEFT stores them, read back, and merged into the base.
// What PEFT itself wrote for the same weights is the law; other spellings of LoRA must come to the same.
import Execution
import Foundation
import Interchange
import Kernels
import PlumblineKit
import Testing

@Suite struct AdapterFileTests {
  private let theirs = Fixture.path("Fixtures/lora/saved")

  private func oracle() throws -> (layout: AdapterLayout, step: StepGraph, StepWeights<Float>) {
    let loaded = try Workspace.load(Fixture.path("Fixtures/models/gpt2-lora-tiny.model"))
    let model = try #require(loaded.model)
    let step = try StepGraph(model.program, .gradients)
    let weights = try StepWeights<Float>(
      reading: Fixture.path("Fixtures/numeric/6_gpt2_lora/model.safetensors"), for: step)
    return (try AdapterLayout(model), step, weights)
  }

  /// The names of a checkpoint by those of the model.
  private func names(_ step: StepGraph, _ weights: StepWeights<Float>) -> [String: String] {
    Dictionary(uniqueKeysWithValues: zip(step.weights.map(\.name), weights.names))
  }

  private func source(
    _ step: StepGraph, _ weights: StepWeights<Float>
  ) -> AdapterLayout.Source {
    let arrays = Dictionary(uniqueKeysWithValues: zip(step.weights.map(\.name), weights.arrays))
    return { name throws(RunFailure) in arrays[name] ?? NDArray(extents: [0], real: []) }
  }

  private func folder() throws -> String {
    let url = FileManager.default.temporaryDirectory
      .appendingPathComponent("plumbline-adapter-\(UUID().uuidString)")
    return url.path
  }

  @Test("an adapter is saved as PEFT saves it: the same names, shapes, bits and settings")
  func saved() throws {
    let (layout, step, weights) = try oracle()
    let folder = try folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try layout.write(
      to: folder, named: names(step, weights), from: source(step, weights))
    let own = try SafetensorsReader(path: folder + "/" + PEFTAdapter.weightsName)
    let theirs = try SafetensorsReader(path: self.theirs + "/" + PEFTAdapter.weightsName)
    #expect(own.entries.map(\.name).sorted() == theirs.entries.map(\.name).sorted())
    for entry in theirs.entries {
      #expect(own.header[entry.name]?.shape == entry.shape)
      #expect(try own.floats(entry.name) == theirs.floats(entry.name), "\(entry.name)")
    }
    let ours = try members(folder)
    let wanted = try members(self.theirs)
    for key in [
      "r", "lora_alpha", "rank_pattern", "alpha_pattern", "fan_in_fan_out", "peft_type", "bias",
      "use_rslora", "use_dora", "modules_to_save", "base_model_name_or_path", "task_type",
    ] {
      #expect(
        (ours[key] as? NSObject) == (wanted[key] as? NSObject), "\(key): \(ours[key] ?? "none")")
    }
    #expect(Set(ours["target_modules"] as? [String] ?? []) == ["c_attn", "c_proj"])
    // Every key is one that PEFT knows.
    #expect(Set(ours.keys).isSubset(of: wanted.keys))
    let back = try layout.read(from: folder, named: names(step, weights))
    let read = try layout.read(from: self.theirs, named: names(step, weights))
    #expect(back.mapValues(\.reals) == read.mapValues(\.reals))
    #expect(back.mapValues(\.extents) == read.mapValues(\.extents))
    #expect(Set(back.keys) == layout.parameters)
    let now = source(step, weights)
    for (name, array) in back { #expect(try now(name).reals == array.reals) }
  }

  private func members(_ folder: String) throws -> [String: Any] {
    let data = try Data(
      contentsOf: URL(fileURLWithPath: folder + "/" + PEFTAdapter.configName))
    return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
  }

  @Test("the base with the adapters merged computes what the adapted model computes")
  func merged() throws {
    let (layout, step, weights) = try oracle()
    let tensors = try layout.merged(
      step, named: names(step, weights), from: source(step, weights))
    #expect(tensors.count == weights.arrays.count - layout.parameters.count)
    let folder = try folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try SafetensorsWriter(tensors).write(to: folder + "/model.safetensors")
    let settings = ["vocab=97", "context=32", "width=32", "heads=4", "layers=2"]
    let plain = try Workspace.load(
      Fixture.path("models/gpt2.model"), settings: settings.compactMap(Setting.init(parsing:)))
    var options = RunOptions(
      inputs: Fixture.path("Fixtures/numeric/6_gpt2_lora/io.safetensors"),
      weights: folder + "/model.safetensors")
    options.prefix = "batch0/"
    let report = try Runner.run(try #require(plain.model), options)
    let expected = try NumericOracle("6_gpt2_lora", .single)
    for name in ["logits", "loss"] {
      let worst = try expected.worst(report, name, as: name, roundOff: 1e-7)
      #expect(worst.size <= 1e-5, "\(worst)")
    }
  }

  // MARK: Other spellings

  /// A model of two linear layers, one of them adapted as `body` says.
  private static func text(_ adapter: String, adapt: String, freeze: String = "freeze all")
    -> String
  {
    """
    \(adapter)
    block pair(width: Int) {
      let first  = linear(width, 3 * width)
      let second = conv1d(3 * width, width)
      forward(x: [B, T, width]) -> [B, T, width] { return second(relu(first(x))) }
    }
    model base {
      config vocab = 11, width = 6
      dim B >= 1, T >= 1
      let embed = embedding(vocab, width)
      let h     = repeat 2 pair(width)
      let norm  = layer_norm(width)
      let head  = tied_head(embed)
      forward(tokens: i32[B, T]) -> logits: [B, T, vocab] { return head(norm(h(embed(tokens)))) }
    }
    model tiny = base {
      \(freeze)
      \(adapt)
    }
    """
  }

  private static let transposed = """
    adapter other(rank: Int, strength: Float) for base: layer {
      param into: [base.in, rank] = kaiming_uniform
      param out_of: [rank, base.out] = zeros
      forward(x: [..., base.in]) -> [..., base.out] {
        low = einsum(x, into : ... i, i r -> ... r)
        return strength * einsum(low, out_of : ... r, r o -> ... o) + base(x)
      }
    }
    """
  private static let stable = """
    adapter stable(rank: Int, alpha: Float) for base: linear {
      param up: [base.out, rank] = zeros
      param down: [rank, base.in] = kaiming_uniform
      forward(x: [..., base.in]) -> [..., base.out] {
        low = einsum(x, down : ... i, r i -> ... r)
        return base(x) + (alpha / sqrt(rank)) * einsum(low, up : ... r, o r -> ... o)
      }
    }
    """

  private func layout(_ text: String) throws -> (AdapterLayout, StepGraph) {
    let loaded = Workspace.load(path: "sample.model", text: text)
    let errors = loaded.diagnostics.filter { $0.severity == .error }
    try #require(errors.isEmpty, "\(errors.map(\.message))")
    let model = try #require(loaded.model)
    return (try AdapterLayout(model), try StepGraph(model.program, .loss))
  }

  @Test("matrices stored the other way round are found, turned, and turned back")
  func turned() throws {
    let (layout, step) = try layout(
      Self.text(Self.transposed, adapt: "adapt h[*].second with other(rank: 2, strength: 0.75)"))
    let site = try #require(layout.sites.first)
    #expect(layout.sites.map(\.module) == ["h.0.second", "h.1.second"])
    #expect(site.down.parameter == "h.0.second.into" && site.down.isTransposed)
    #expect(site.up.parameter == "h.0.second.out_of" && site.up.isTransposed)
    #expect(abs(site.scaling - 0.75) < 1e-12 && site.base.kind == .conv1D)
    let adapter = layout.peft()
    #expect(adapter.alpha(of: adapter.layers[0]) == 1.5)
    #expect(adapter.targets == ["second"])
    let arrays: [NDArray<Float>] = try Initialisation(seed: 3).parameters(of: step.graph)
    let weights = Dictionary(uniqueKeysWithValues: zip(step.weights.map(\.name), arrays))
    let source: AdapterLayout.Source = { name throws(RunFailure) in
      weights[name] ?? NDArray(extents: [0], real: [])
    }
    let folder = try folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try layout.write(to: folder, from: source)
    let file = try SafetensorsReader(path: folder + "/" + PEFTAdapter.weightsName)
    let name = "base_model.model.h.0.second.lora_A.weight"
    #expect(file.header[name]?.shape == [2, 18])
    let stored = try file.floats(name)
    let into = try #require(weights["h.0.second.into"]).reals
    #expect(stored[1] == into[2] && stored[18] == into[1])
    for (name, array) in try layout.read(from: folder) {
      #expect(weights[name]?.reals == array.reals)
      #expect(weights[name]?.extents == array.extents)
    }
  }

  @Test("a scaling by the root of the rank is rank-stabilised, and other ranks are patterns")
  func stabilised() throws {
    let (layout, _) = try layout(
      Self.text(
        Self.stable,
        adapt: """
          adapt h[*].first with stable(rank: 3, alpha: 5.0)
            adapt h[1].second with stable(rank: 2, alpha: 4.0)
          """
      ).replacing("for base: linear", with: "for base: layer"))
    let adapter = layout.peft(base: "tiny \"base\"")
    #expect(adapter.isRankStabilised)
    #expect(Set(adapter.targets) == ["h.0.first", "h.1.first", "h.1.second"])
    let config = try #require(
      try JSONSerialization.jsonObject(with: Data(adapter.config.utf8)) as? [String: Any])
    #expect(config["use_rslora"] as? Bool == true)
    #expect(config["r"] as? Int == 3 && config["lora_alpha"] as? Double == 5)
    #expect(config["rank_pattern"] as? [String: Int] == [#"h\.1\.second"#: 2])
    #expect(config["alpha_pattern"] as? [String: Double] == [#"h\.1\.second"#: 4])
    #expect(config["base_model_name_or_path"] as? String == "tiny \"base\"")
    #expect(config["fan_in_fan_out"] as? Bool == false)
  }

  @Test("an adapter on a head that shares a table is saved under its own name, and never merged")
  func tied() throws {
    let (layout, _) = try layout(
      Self.text(
        Self.stable.replacing("for base: linear", with: "for base: tied_head")
          .replacing("base.in", with: "6").replacing("base.out", with: "11"),
        adapt: "adapt head with stable(rank: 2, alpha: 4.0)"))
    let site = try #require(layout.sites.first)
    #expect(site.weight == "embed.weight" && layout.isShared(site))
    #expect(layout.peft().layers[0].downName == "base_model.model.head.lora_A.weight")
    let failure = #expect(throws: RunFailure.self) {
      _ = try layout.merged(site) { _ throws(RunFailure) in NDArray(extents: [0], real: []) }
    }
    #expect(failure?.diagnostics.first?.id == "merge-changes-tied-weight")
  }

  @Test("a layer that is trained whole is saved whole")
  func whole() throws {
    let (layout, step) = try layout(
      Self.text(
        Self.transposed, adapt: "adapt h[*].second with other(rank: 2, strength: 1)",
        freeze: "freeze embed, h"))
    #expect(layout.saved.map(\.module) == ["norm"])
    let adapter = layout.peft()
    #expect(adapter.saved == ["norm"])
    let arrays: [NDArray<Float>] = try Initialisation(seed: 3).parameters(of: step.graph)
    let weights = Dictionary(uniqueKeysWithValues: zip(step.weights.map(\.name), arrays))
    let tensors = try layout.tensors(of: adapter) { name throws(RunFailure) in
      weights[name] ?? NDArray(extents: [0], real: [])
    }
    #expect(tensors.contains { $0.name == "base_model.model.norm.weight" && $0.shape == [6] })
    #expect(tensors.count == 6)
  }

  @Test("a base under other names lends them to the adapters, and files are merged into files")
  func files() throws {
    let text = Self.text(Self.stable, adapt: "adapt h[*].first with stable(rank: 4, alpha: 6.0)")
    let model = try #require(Workspace.load(path: "sample.model", text: text).model)
    let layout = try AdapterLayout(model)
    let step = try StepGraph(model.program, .forward)
    #expect(try AdapterLayout.parameters(in: model.program) == layout.parameters)
    let folder = try folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let base = folder + "/base.safetensors"
    let drawn: [NDArray<Float>] = try Initialisation(seed: 9).parameters(of: step.graph)
    let stored = zip(step.weights, drawn).filter { !layout.parameters.contains($0.0.name) }
    try SafetensorsWriter(
      stored.map {
        SafetensorsTensor(
          name: "transformer." + $0.0.name, shape: $0.0.shape, floats: $0.1.reals)
      }
    ).write(to: base)
    #expect(throws: RunFailure.self) { try StepWeights<Float>(reading: base, for: step) }
    let weights = try StepWeights<Float>(
      reading: base, for: step, fresh: layout.parameters, seed: 4)
    let names = names(step, weights)
    let adapter = layout.peft(named: names)
    #expect(
      adapter.layers.map(\.module) == ["transformer.h.0.first", "transformer.h.1.first"])
    #expect(adapter.targets == ["first"])
    let source = source(step, weights)
    try layout.write(to: folder, named: names) { name throws(RunFailure) in
      // The up matrices begin at zero, and would merge into nothing.
      let array = try source(name)
      return name.hasSuffix(".up")
        ? NDArray(extents: array.extents, real: array.reals.indices.map { Float($0 % 7) / 8 })
        : array
    }
    let target = folder + "/merged.safetensors"
    try AdapterLayout.merge(model, base: base, adapters: folder, to: target)
    let (merged, before) = (
      try SafetensorsReader(path: target), try SafetensorsReader(path: base)
    )
    #expect(merged.entries.map(\.name) == before.entries.map(\.name))
    for entry in before.entries {
      let isSame = try merged.floats(entry.name) == before.floats(entry.name)
      #expect(isSame != entry.name.hasSuffix("first.weight"), "\(entry.name)")
    }
    // One element by hand: W[out, in] + 6 / √4 · up[out, :] · down[:, in].
    let down = try source("h.0.first.down").reals
    var sum: Float = 0
    for rank in 0..<4 { sum += Float((3 * 4 + rank) % 7) / 8 * down[rank * 6 + 5] }
    let name = "transformer.h.0.first.weight"
    let wanted = try before.floats(name)[3 * 6 + 5] + 3 * sum
    #expect(abs(try merged.floats(name)[3 * 6 + 5] - wanted) <= 1e-6)
  }

  /// What is no LoRA, and why.
  private static let refused: [(adapter: String, adapt: String, freeze: String, id: String)] = [
    ("", "", "freeze all", "no-adapter"),
    (
      stable.replacing("* einsum(low, up", with: "* tanh(einsum(low, up")
        .replacing("... o)\n", with: "... o))\n"),
      "adapt h[*].first with stable(rank: 2, alpha: 4.0)", "freeze all", "adapter-not-lora"
    ),
    (
      stable.replacing("  forward", with: "  param size: [base.out] = ones\n  forward")
        .replacing("return base(x) +", with: "return size * base(x) +"),
      "adapt h[*].first with stable(rank: 2, alpha: 4.0)", "freeze all", "adapter-not-lora"
    ),
    (
      stable.replacing("return base(x) +", with: "return 2.0 * base(x) +"),
      "adapt h[*].first with stable(rank: 2, alpha: 4.0)", "freeze all", "adapter-not-lora"
    ),
    (
      stable, "adapt h[*].first with stable(rank: 2, alpha: 4.0)",
      "freeze embed, norm, h[*].second, h[*].first.weight", "adapter-trains-more"
    ),
    (
      stable, "adapt h[*].first with stable(rank: 2, alpha: 4.0)",
      "freeze h, norm", "adapter-trains-more"
    ),
  ]

  @Test("what PEFT's layout can't hold is refused with the reason", arguments: refused.indices)
  func refuses(_ index: Int) throws {
    let sample = Self.refused[index]
    let failure = #expect(throws: RunFailure.self) {
      _ = try layout(Self.text(sample.adapter, adapt: sample.adapt, freeze: sample.freeze))
    }
    #expect(failure?.diagnostics.first?.id == sample.id)
    #expect(DiagnosticManual.entry(for: sample.id) != nil)
  }

  @Test("a file that is no adapter of the model is refused, and says what is wrong")
  func foreign() throws {
    let (layout, step, weights) = try oracle()
    let adapter = layout.peft(named: names(step, weights))
    var tensors = try layout.tensors(
      of: adapter, named: names(step, weights), from: source(step, weights))
    let folder = try folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    func message(_ tensors: [SafetensorsTensor]) throws -> String? {
      try SafetensorsWriter(tensors).write(to: folder + "/" + PEFTAdapter.weightsName)
      let failure = #expect(throws: RunFailure.self) { _ = try layout.read(from: folder) }
      return failure?.diagnostics.first?.message
    }
    #expect(try message(Array(tensors.dropLast()))?.contains("lacks") == true)
    let other = SafetensorsTensor(name: "wte", shape: [1], floats: [0])
    #expect(try message(tensors + [other])?.contains("`wte`") == true)
    tensors[0] = SafetensorsTensor(name: tensors[0].name, shape: [32, 4], doubles: [])
    #expect(throws: SafetensorsError.self) { try adapter.write(to: folder, tensors) }
    try? FileManager.default.removeItem(atPath: folder)
    #expect(throws: RunFailure.self) { _ = try layout.read(from: folder) }
  }
}
