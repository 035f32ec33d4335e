// PlanReport+Text: the report of a plan for a terminal.
// Apart from the numbers, which JSON shares.
import Analysis
import Diagnostics
import Language
import Validation

extension PlanReport {
  /// The whole report.
  package var text: String {
    var lines = ["\(model): " + headline, ""]
    lines += rows(reading) + [""]
    if !forecast.points.isEmpty { lines += rates + [""] }
    lines += rows(weights) + [""]
    lines += rows(work) + [""]
    lines += memoryLines + cacheLines
    return lines.map { DisplayText.trimmed(DisplayText.safe($0)) + "\n" }.joined()
  }

  /// `2,645 updates of 24,576 tokens, 65,003,520 in all`.
  private var headline: String {
    let steps = forecast.steps.map { number($0.rounded(.up)) + " updates" }
    let each = forecast.tokensPerStep.map { " of \(Figures.grouped($0)) tokens" } ?? ""
    guard let steps else { return "updates\(each), as many as it takes: the plan has no length" }
    return steps + each
  }

  private func rows(_ pairs: [(String, String)]) -> [String] {
    let width = 20
    return pairs.flatMap { name, value -> [String] in
      let parts = value.split(separator: "\n", omittingEmptySubsequences: false)
      return parts.enumerated().map { index, part in
        let label = index == 0 ? name : ""
        return "  " + label + String(repeating: " ", count: max(width - label.count, 1)) + part
      }
    }
  }

  // MARK: Reading

  private var reading: [(String, String)] {
    var rows: [(String, String)] = []
    let plan = forecast.plan
    if let tokens = forecast.tokensPerStep {
      let factors =
        plan.batch.sorted { $0.key < $1.key }.map { "\($0.key) = \(Figures.grouped($0.value))" }
        + (plan.accumulate == 1 ? [] : ["accumulate \(plan.accumulate)"])
      rows.append(
        (
          "an update reads",
          "\(Figures.grouped(tokens)) tokens   \(factors.joined(separator: " × "))"
        ))
    }
    if let steps = forecast.steps, let derivation = forecast.stepsDerivation {
      rows.append(("updates", "\(number(steps))   \(derivation)"))
    }
    if let amount = plan.dataAmount, let unit = plan.dataUnit, let epochs = forecast.epochs {
      rows.append(
        ("data", "\(number(amount)) \(unit), read \(Figures.fixed(epochs, places: 2)) times"))
    }
    if let ratio = forecast.tokensPerParameter, let total = forecast.totals?.total {
      rows.append(
        (
          "tokens a parameter",
          "\(Figures.fixed(ratio, places: 1))   \(Figures.grouped(total)) parameters;"
            + " about 20 use a budget best"
        ))
    }
    return rows
  }

  // MARK: Rates

  private var rates: [String] {
    var lines = rows([("learning rate", schedule)])
    let width = forecast.points.map { Figures.grouped($0.step).count }.max() ?? 0
    for point in forecast.points {
      let step = Figures.grouped(point.step)
      let rate = RateText.rate(point.rate)
      lines.append(
        "    step " + String(repeating: " ", count: width - step.count) + step + "   " + rate
          + String(repeating: " ", count: max(12 - rate.count, 1)) + point.what)
    }
    return lines
  }

  private var schedule: String {
    let names = forecast.plan.trainingSchedule?.names ?? []
    let phases = names.isEmpty ? "constant" : names.joined(separator: " → ")
    guard let warmUp = forecast.warmUp else { return phases }
    guard let steps = forecast.steps, steps > 0 else {
      return "\(phases); warm-up \(Figures.grouped(warmUp)) updates"
    }
    let share = Double(warmUp) / steps
    let advice = share > 0.05 ? "; above 5 %, more updates may be worth it" : ""
    return "\(phases); warm-up \(Figures.grouped(warmUp)) updates, "
      + RateText.percent(share) + " of the run\(advice)"
  }

  // MARK: Weights

  private var weights: [(String, String)] {
    var rows: [(String, String)] = []
    func text(_ group: PlanForecast.Group) -> String {
      "\(Figures.grouped(group.elements)) in \(Figures.grouped(group.tensors)) tensors"
    }
    if let totals = forecast.totals, totals.frozen > 0 {
      rows.append(
        (
          "trained",
          "\(Figures.grouped(totals.trainable)) of \(Figures.grouped(totals.total)) parameters"
        ))
    }
    if let decayed = forecast.decayed, let spared = forecast.spared {
      let rate = forecast.plan.optimizer?.decay ?? 0
      let rule = forecast.plan.decay == nil ? "   matrices, the plan has no `decay` line" : ""
      rows.append(("weight decay \(RateText.rate(rate))", text(decayed) + rule))
      rows.append(("not decayed", text(spared)))
    }
    let idle = forecast.idle.map { "\(Figures.grouped($0.elements)) parameters: \($0.what)" }
    rows.append(("never trained", idle.isEmpty ? "nothing" : idle.joined(separator: "\n")))
    return rows
  }

  // MARK: Work

  private var work: [(String, String)] {
    guard let work = forecast.work else {
      return [("work", "undecided: \(forecast.workNote ?? "no figure")")]
    }
    var rows = [
      (
        "work of an update",
        "\(PlanReport.flops(work.update))   forward \(PlanReport.flops(work.forward)),"
          + " backward \(PlanReport.flops(work.backward))"
      )
    ]
    guard let run = work.run else { return rows }
    var detail = "contractions, two FLOPs a multiply-add, attention in full"
    if let tokens = forecast.tokens, let totals = forecast.totals, totals.frozen == 0 {
      detail += "; 6ND says \(PlanReport.flops(6 * Double(totals.total) * tokens))"
    }
    rows.append(("work of the run", "\(PlanReport.flops(run))   \(detail)"))
    if let seconds, let peak = machine.peak {
      let devices = machine.count == 1 ? "" : "\(machine.count) devices of "
      let share = machine.mfu.map { "at \(RateText.percent($0)) of its peak" } ?? "at its full peak"
      rows.append(
        (
          "time of the run",
          "\(PlanReport.duration(seconds))   \(devices)\(PlanReport.flops(peak))/s \(share)"
        ))
    }
    return rows
  }

  // MARK: Memory

  private var memoryLines: [String] {
    guard let memory else {
      return rows([("memory", "undecided: \(memoryNote ?? "no figure")")])
    }
    let share = memory.sizes.sorted { $0.key < $1.key }.map { "\($0.key) = \($0.value)" }
    let element =
      forecast.plan.precision.map { $0.element.rawValue } ?? (memory.isExact ? "f32" : "16 bits")
    var lines = [
      "  memory of a step on \(machine.count == 1 ? "one device" : "each of \(machine.count) devices"),"
        + " \(share.joined(separator: ", ")), \(element)"
    ]
    let width = memory.rows.map(\.name.count).max() ?? 0
    let figures = memory.rows.map { ($0.isExact ? "" : "about ") + Figures.bytes($0.bytes) }
    let figureWidth = figures.map(\.count).max() ?? 0
    for (row, figure) in zip(memory.rows, figures) {
      lines.append(
        "    " + padded(row.name, width + 2) + padded(figure, figureWidth + 3) + row.derivation)
    }
    lines.append(
      "    " + padded("in all", width + 2) + (memory.isExact ? "" : "about ")
        + Figures.bytes(memory.total) + verdict)
    if let logits = memory.logits {
      let shape = logits.shape.map { Figures.grouped($0) }.joined(separator: " × ")
      lines.append(
        "    the logits as one tensor of f32, \(shape), are \(Figures.bytes(logits.bytes));"
          + " this plan makes them in parts")
    }
    return lines
  }

  /// What generating keeps beside the weights, for one sequence of the plan's length.
  private var cacheLines: [String] {
    guard let cache = forecast.cache else { return [] }
    var sizes = forecast.plan.batch
    if let axis = memory?.sizes.keys.first(where: { $0.name == "B" }) { sizes[axis] = 1 }
    guard let bytes = cache.bytes.evaluate(sizes).flatMap({ Int(exactly: $0) }) else { return [] }
    let given = sizes.sorted { $0.key < $1.key }.map { "\($0.key) = \($0.value)" }
    return [""]
      + rows([
        (
          "cache to generate",
          "\(Figures.bytes(bytes))   \(given.joined(separator: ", ")); "
            + cache.derivation.joined(separator: "; ")
        )
      ])
  }

  private var verdict: String {
    guard let fits, let limit = machine.memory else { return "" }
    let room = Figures.bytes(Int(limit))
    if fits { return "; fits \(room)" }
    return "; does not fit \(room)"
      + (fitting.map { ", \($0.axis) = \($0.size) would" } ?? "")
  }

  private func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(width - text.count, 1))
  }

  private func number(_ value: Double) -> String {
    guard let whole = Int(exactly: value.rounded()) else { return "\(value)" }
    return Double(whole) == value ? Figures.grouped(whole) : grouped(value)
  }

  /// `2,644.86`.
  private func grouped(_ value: Double) -> String {
    let text = Figures.fixed(value, places: 2)
    guard let point = text.firstIndex(of: "."), let whole = Int(text[..<point]) else { return text }
    return Figures.grouped(whole) + text[point...]
  }

  /// `1.234e15 FLOPs` with the usual prefix: `1.23 PFLOP`.
  static func flops(_ value: Double) -> String {
    let units = [
      ("ZFLOP", 1e21), ("EFLOP", 1e18), ("PFLOP", 1e15), ("TFLOP", 1e12), ("GFLOP", 1e9),
    ]
    let (name, scale) = units.first { value >= $0.1 } ?? ("MFLOP", 1e6)
    return "\(Figures.fixed(value / scale, places: 2)) \(name)"
  }

  /// `3 h 12 min`.
  static func duration(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds < 1e12 else { return "more than 30,000 years" }
    let whole = Int(seconds.rounded())
    if whole < 120 { return "\(Figures.fixed(seconds, places: 1)) s" }
    if whole < 7_200 { return "\(whole / 60) min \(whole % 60) s" }
    if whole < 172_800 { return "\(whole / 3_600) h \(whole % 3_600 / 60) min" }
    return "\(Figures.grouped(whole / 86_400)) days \(whole % 86_400 / 3_600) h"
  }
}
