// AdapterCounts: how many weights are trained and held, as PEFT counts them.
// Checked arithmetic: ranks come from the command line and may be anything.
import Analysis

/// The counts of one adapter on one model.
package struct AdapterCounts: Hashable, Sendable {
  /// The model's own weights.
  package var base: Int
  /// Weights of the adapters, magnitudes of DoRA and biases of their own included.
  package var adapters: Int
  /// Biases of the model that are trained.
  package var biases: Int
  /// Copies of layers that are trained in full.
  package var saved: Int
  /// Copies of copies, which PEFT holds and never trains.
  package var idle: Int

  /// What PEFT prints as `trainable params`.
  package var trainable: Int { adapters + biases + saved }
  /// What PEFT prints as `all params`.
  package var all: Int { base + adapters + saved + idle }

  /// - Returns: `nil` when a count does not fit.
  package init?(
    _ resolution: AdapterResolution, _ description: AdapterDescription,
    in inventory: ModuleInventory
  ) {
    base = inventory.total
    adapters = 0
    biases = 0
    saved = 0
    idle = 0
    for site in resolution.sites {
      guard let elements = AdapterCounts.elements(of: site, description) else { return nil }
      guard let sum = AdapterCounts.sum(adapters, elements) else { return nil }
      adapters = sum
    }
    for module in resolution.saved {
      guard let sum = AdapterCounts.sum(module.isNested ? idle : saved, module.elements) else {
        return nil
      }
      if module.isNested { idle = sum } else { saved = sum }
    }
    switch description.bias.value {
    case "all":
      let copied = resolution.saved.map { $0.name + "." }
      for bias in inventory.biases where !copied.contains(where: { bias.name.hasPrefix($0) }) {
        biases += bias.elements
      }
    case let text where text.hasSuffix("_only"):
      for site in resolution.sites where site.shape.hasBias { biases += site.shape.output }
    default: break
    }
    guard let partial = AdapterCounts.sum(adapters, saved),
      let trained = AdapterCounts.sum(partial, biases), trained >= 0,
      let held = AdapterCounts.sum(partial, base), AdapterCounts.sum(held, idle) != nil
    else { return nil }
  }

  /// The weights of one adapter; `nil` when they do not fit.
  package static func elements(
    of site: AdapterSite, _ description: AdapterDescription
  ) -> Int? {
    let (ends, tooWide) = site.shape.input.addingReportingOverflow(site.shape.output)
    let (product, tooMany) = ends.multipliedReportingOverflow(by: site.rank)
    guard !tooWide, !tooMany else { return nil }
    var extra = 0
    if description.isDoRA.value { extra += site.shape.output }
    if description.addsBias.value { extra += site.shape.output }
    return sum(product, extra)
  }

  private static func sum(_ left: Int, _ right: Int) -> Int? {
    let (sum, overflow) = left.addingReportingOverflow(right)
    return overflow ? nil : sum
  }

  /// PEFT's own line.
  package var printed: String {
    let percent = all == 0 ? 0 : 100 * Double(trainable) / Double(all)
    return "trainable params: \(grouped(trainable)) || all params: \(grouped(all)) || "
      + "trainable%: \(fixed(percent))"
  }

  private func grouped(_ value: Int) -> String { Figures.grouped(value) }

  /// Four decimals, rounded half to even as Python does.
  private func fixed(_ value: Double) -> String {
    let scaled = (value * 10_000).rounded(.toNearestOrEven)
    let whole = Int(scaled)
    let rest = String(whole % 10_000)
    return "\(whole / 10_000)." + String(repeating: "0", count: 4 - rest.count) + rest
  }
}
