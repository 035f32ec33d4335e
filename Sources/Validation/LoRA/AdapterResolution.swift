// AdapterResolution: which layers a description adapts, by the rules of PEFT 0.21.
// Matching, exclusion and refusal follow PEFT step by step, so that its errors come out the same.
import Diagnostics

/// One adapted layer.
package struct AdapterSite: Hashable, Sendable {
  /// Index into the inventory's layers.
  package var module: Int
  package var name: String
  package var shape: ModuleShape
  package var rank: Int
  package var alpha: Double
  package var scaling: Double
  /// Index of the pattern that matched it; all-linear and regular expressions are pattern 0.
  package var pattern: Int

  /// The largest rank at which the adapter is not larger than its matrix.
  package var breakEven: Double {
    let (input, output) = (Double(shape.input), Double(shape.output))
    return input * output / (input + output)
  }
}

/// What PEFT would raise.
package struct AdapterRefusal: Error, Hashable, Sendable {
  /// The class of the exception in Python.
  package var type: String
  /// PEFT's words.
  package var text: String
  /// The layer at which it is raised, if there is one.
  package var module: String?
}

/// A layer that is trained in full beside the adapters.
package struct SavedModule: Hashable, Sendable {
  package var name: String
  package var elements: Int
  /// True below another saved layer, whose copy then holds the copy of this one.
  package var isNested: Bool
}

/// How one pattern fared.
package struct PatternMatch: Hashable, Sendable {
  package var pattern: Placed<String>
  /// Layers that it names, whether adapted or not.
  package var named: [Int] = []
  /// Of these, how many were left out by `exclude_modules`, `modules_to_save`, or their index.
  package var excluded = 0
  package var savedInstead = 0
  package var outsideLayers = 0
}

/// The outcome of a description on a model.
package struct AdapterResolution: Sendable {
  package internal(set) var sites: [AdapterSite] = []
  package internal(set) var patterns: [PatternMatch] = []
  package internal(set) var saved: [SavedModule] = []
  package internal(set) var refusal: AdapterRefusal?
  /// PEFT's warnings, each once.
  package internal(set) var warnings: [String] = []
  package internal(set) var fanInFanOutAfter = false
  /// Patterns for ranks and alphas that match no adapted layer.
  package internal(set) var unusedOverrides: [Placed<String>] = []
  /// Indices of lists that `layers_to_transform` could have chosen.
  package internal(set) var knownLayers: Set<Int> = []
  /// Whether an exclusion was given and left nothing out.
  package internal(set) var exclusionIsUnused = false

  /// Sites that a model file states itself.
  init(sites: [AdapterSite]) {
    self.sites = sites
  }

  package init(_ description: AdapterDescription, in inventory: ModuleInventory)
    throws(PatternFault)
  {
    fanInFanOutAfter = description.fanInFanOut?.value ?? false
    refusal = AdapterResolution.contradiction(in: description)
    guard refusal == nil else { return }
    let matcher: AdapterMatcher
    do {
      matcher = try AdapterMatcher(description, inventory)
    } catch {
      switch error {
      case .refusal(let reason):
        refusal = reason
        return
      case .pattern(let fault): throw fault
      }
    }
    patterns = matcher.patterns.map { PatternMatch(pattern: $0) }
    if description.targetsTiedHead(in: inventory) { warn(AdapterResolution.tiedWarning) }
    match(description, inventory, matcher)
  }

  private mutating func warn(_ text: String) {
    if !warnings.contains(text) { warnings.append(text) }
  }

  /// What PEFT's constructor refuses before it sees a model.
  private static func contradiction(in description: AdapterDescription) -> AdapterRefusal? {
    func refuse(_ text: String) -> AdapterRefusal { AdapterRefusal(type: "ValueError", text: text) }
    var isText = false
    switch description.targets {
    case .allLinear, .names(.pattern): isText = true
    case .names(.suffixes), .familyDefault: isText = false
    }
    if isText, description.layers != nil {
      return refuse("`layers_to_transform` cannot be used when `target_modules` is a str.")
    }
    if isText, !description.layersPattern.isEmpty {
      return refuse("`layers_pattern` cannot be used when `target_modules` is a str.")
    }
    if !description.layersPattern.isEmpty, description.layers == nil {
      return refuse(
        "When `layers_pattern` is specified, `layers_to_transform` must also be specified. ")
    }
    if description.addsBias.value, description.isDoRA.value {
      return refuse(
        "The argument lora_bias=True is not supported for DoRA, please pass use_dora=False")
    }
    return nil
  }

  private mutating func match(
    _ description: AdapterDescription, _ inventory: ModuleInventory, _ matcher: AdapterMatcher
  ) {
    var excludedCount = 0
    var unmatchedCount = 0
    for (index, module) in inventory.modules.enumerated() where !module.alias {
      let verdict = matcher.verdict(on: module.name)
      note(verdict, on: index, matcher)
      switch verdict.outcome {
      case .excluded, .saved: excludedCount += 1
      case .unmatched, .otherLayer: unmatchedCount += 1
      case .target(let pattern):
        guard refusal == nil else { continue }
        add(index, module, pattern, description, matcher)
      }
    }
    guard refusal == nil else { return }
    if sites.isEmpty {
      refusal = AdapterResolution.nothing(
        description, matcher, excluded: excludedCount, unmatched: unmatchedCount)
      return
    }
    if description.excluded != nil, excludedCount == 0 { exclusionIsUnused = true }
    findUnused(description, matcher)
    save(description, inventory)
    if !["none", "all"].contains(description.bias.value),
      !description.bias.value.hasSuffix("_only")
    {
      refusal = AdapterRefusal(
        type: "NotImplementedError",
        text: "Requested bias: \(description.bias.value), is not implemented.")
    }
  }

  /// Keeps what the validators ask: which names a pattern means, and why they are left out.
  private mutating func note(
    _ verdict: AdapterMatcher.Verdict, on index: Int, _ matcher: AdapterMatcher
  ) {
    if let layer = verdict.layer, !verdict.named.isEmpty { knownLayers.insert(layer) }
    for pattern in verdict.named {
      patterns[pattern].named.append(index)
      switch verdict.outcome {
      case .excluded: patterns[pattern].excluded += 1
      case .saved: patterns[pattern].savedInstead += 1
      case .otherLayer: patterns[pattern].outsideLayers += 1
      case .target, .unmatched: break
      }
    }
  }

  private mutating func add(
    _ index: Int, _ module: NamedModule, _ pattern: Int, _ description: AdapterDescription,
    _ matcher: AdapterMatcher
  ) {
    let shape = module.shape
    guard shape.isAdaptable else {
      refusal = AdapterRefusal(
        type: "ValueError",
        text: "Target module \(module.block) is not supported. Currently, only the following "
          + "modules are supported: `torch.nn.Linear`, `torch.nn.Embedding`, `torch.nn.Conv1d`, "
          + "`torch.nn.Conv2d`, `torch.nn.Conv3d`, `transformers.pytorch_utils.Conv1D`, "
          + "`torch.nn.MultiheadAttention.`.", module: module.name)
      return
    }
    if shape.kind == .linear, fanInFanOutAfter {
      warn(
        "fan_in_fan_out is set to True but the target module is `torch.nn.Linear`. "
          + "Setting fan_in_fan_out to False.")
      fanInFanOutAfter = false
    } else if shape.kind == .conv1D, !fanInFanOutAfter {
      warn(
        "fan_in_fan_out is set to False but the target module is `Conv1D`. "
          + "Setting fan_in_fan_out to True.")
      fanInFanOutAfter = true
    }
    if shape.kind == .embedding, description.addsBias.value {
      refusal = AdapterRefusal(
        type: "ValueError", text: "lora_bias=True is not supported for Embedding.",
        module: module.name)
      return
    }
    let rank = matcher.rank(of: module.name)
    guard rank > 0 else {
      refusal = AdapterRefusal(
        type: "ValueError",
        text: "`r` should be a positive integer value but the value passed is \(rank)",
        module: module.name)
      return
    }
    let alpha = matcher.alpha(of: module.name)
    sites.append(
      AdapterSite(
        module: index, name: module.name, shape: shape, rank: rank, alpha: alpha,
        scaling: description.scaling(alpha: alpha, rank: rank), pattern: pattern))
  }

  /// PEFT's words when no layer is adapted.
  private static func nothing(
    _ description: AdapterDescription, _ matcher: AdapterMatcher, excluded: Int, unmatched: Int
  ) -> AdapterRefusal {
    func refuse(_ text: String) -> AdapterRefusal {
      AdapterRefusal(type: "NoMatchingPeftModuleError", text: text)
    }
    if excluded > 0, unmatched == 0 {
      return refuse(
        "All modules were excluded. This is likely unintended. "
          + "Check your `target_modules`, `exclude_modules` and `modules_to_save` configuration.")
    }
    var text: String
    if excluded == 0 {
      if matcher.namesNothing {
        return refuse(
          "No `target_modules` passed but also no `target_parameters` found. "
            + "Please check the values for these arguments.")
      }
      text =
        "Target modules \(matcher.targetText) not found in the base model. "
        + "Please check the target modules and try again."
    } else {
      text =
        "No modules were targeted for adaptation. This might be caused by a combination of "
        + "mismatched target modules and excluded modules. Please check your `target_modules` and "
        + "`exclude_modules` configuration. You may also have only targeted modules that are "
        + "marked to be saved (`modules_to_save`)."
    }
    if let layers = description.layers {
      let list = layers.map { String($0.value) }.joined(separator: ", ")
      text += " Note: You specified 'layers_to_transform': [\(list)]."
    }
    if let first = description.layersPattern.first {
      let list = description.layersPattern.map { PythonText.quoted($0.value) }
      text +=
        " You also specified 'layers_pattern': "
        + (list.count == 1 ? first.value : "[" + list.joined(separator: ", ") + "]") + "."
    }
    return refuse(text)
  }

  private mutating func findUnused(_ description: AdapterDescription, _ matcher: AdapterMatcher) {
    for (field, overrides) in [
      ("rank_pattern", matcher.rankPatterns), ("alpha_pattern", matcher.alphaPatterns),
    ] {
      let unused = overrides.filter { override in
        !sites.contains { override.matches($0.name) }
      }
      unusedOverrides += unused.map(\.text)
      guard !unused.isEmpty else { continue }
      let names = unused.map { PythonText.quoted($0.text.value) }.sorted()
      warn(
        "The following \(field) keys did not match any targeted module and were ignored: "
          + "[\(names.joined(separator: ", "))].")
    }
    if exclusionIsUnused, let excluded = description.excluded {
      let text: String
      switch excluded {
      case .pattern(let pattern): text = pattern.value
      case .suffixes(let names):
        text =
          "{" + names.map(\.value).uniqued().map(PythonText.quoted).joined(separator: ", ") + "}"
      }
      warn(
        "You have passed exclude_modules=\(text) but no modules were excluded. "
          + "Please check that exclude_modules was set correctly.")
    }
  }

  /// `modules_to_save` matches the end of a name, wherever a component begins.
  private mutating func save(_ description: AdapterDescription, _ inventory: ModuleInventory) {
    let suffixes = description.saved.map(\.value)
    guard !suffixes.isEmpty else { return }
    let adapted = Set(sites.map(\.name))
    var last: [String] = []
    // The adapters' own layers have names too by then.
    if let site = sites.first, suffixes.contains(where: { "lora_dropout".hasSuffix($0) }) {
      refusal = .cannotSave(site.name + ".lora_dropout", "torch.nn.modules.container.ModuleDict")
      return
    }
    for module in inventory.modules where suffixes.contains(where: { module.name.hasSuffix($0) }) {
      if module.block == "list" {
        refusal = .cannotSave(module.name, "torch.nn.modules.container.ModuleList")
        return
      }
      if adapted.contains(module.name) {
        let kind = module.shape.kind == .embedding ? "Embedding" : "Linear"
        refusal = .cannotSave(module.name, "peft.tuners.lora.layer.\(kind)")
        return
      }
      last.removeAll { !module.name.hasPrefix($0 + ".") }
      saved.append(
        SavedModule(
          name: module.name, elements: inventory.elements(below: module.name),
          isNested: !last.isEmpty))
      last.append(module.name)
    }
  }

  static var tiedWarning: String {
    "Model has `tie_word_embeddings=True` and a tied layer is part of the adapter, but "
      + "`ensure_weight_tying` is not set to True. This can lead to complications, for example "
      + "when merging the adapter or converting your model to formats other than safetensors. "
      + "Check the discussion here: https://github.com/huggingface/peft/issues/2777"
  }
}

extension AdapterRefusal {
  /// A layer that `modules_to_save` names and that can't be copied.
  fileprivate static func cannotSave(_ module: String, _ type: String) -> AdapterRefusal {
    AdapterRefusal(
      type: "TypeError",
      text: "modules_to_save cannot be applied to modules of type <class '\(type)'>",
      module: module)
  }
}

extension AdapterDescription {
  /// Whether PEFT warns of a tied table, which it knows by two names only.
  fileprivate func targetsTiedHead(in inventory: ModuleInventory) -> Bool {
    let known = ["embed_tokens", "lm_head"]
    guard let head = inventory.head, !inventory.tiePartners(of: head).isEmpty else { return false }
    func isKnown(_ name: Placed<String>) -> Bool {
      known.contains(name.value.split(separator: ".").last.map(String.init) ?? "")
    }
    if saved.contains(where: isKnown) { return true }
    switch targets {
    case .names(.suffixes(let names)): return names.contains(where: isKnown)
    case .names(.pattern(let pattern)):
      guard let compiled = try? PythonPattern(pattern.value) else { return false }
      return known.contains { compiled.matchesAll(of: $0) }
    case .allLinear, .familyDefault: return false
    }
  }
}
