// SampleSizes: small sizes for the dimensions that the user left open.
// Different from one another where they may be, so that two swapped axes can't look right.
import Dimensions
import IR

/// Sizes of all dimensions of a model.
package struct SampleSizes: Hashable, Sendable {
  package private(set) var sizes: [Symbol: Int]

  /// The most assignments that are tried.
  private static let attempts = 20_000

  /// - Parameters:
  ///   - program: says which dimensions there are and what is assumed of them.
  ///   - given: sizes that are chosen already.
  /// - Throws: ``VerificationRefusal`` when no sizes are found that satisfy the assumptions.
  package init(
    _ program: Program, given: [Symbol: Int]
  ) throws(VerificationRefusal) {
    let symbols = SampleSizes.symbols(of: program)
    sizes = given.filter { symbols.contains($0.key) }
    var open: [(symbol: Symbol, candidates: [Int])] = []
    for symbol in symbols where given[symbol] == nil {
      let preferred =
        symbol.name == "B" ? 2 : SampleSizes.primes[open.count { $0.symbol.name != "B" } % 6]
      open.append((symbol, SampleSizes.candidates(for: symbol, preferred, program.assumptions)))
    }
    var attempts = SampleSizes.attempts
    if let found = SampleSizes.search(
      open[...], from: sizes, program.assumptions, distinct: true, &attempts)
    {
      sizes = found
      return
    }
    attempts = SampleSizes.attempts
    if let found = SampleSizes.search(
      open[...], from: sizes, program.assumptions, distinct: false, &attempts)
    {
      sizes = found
      return
    }
    // The prover solves what small numbers don't satisfy.
    var known = program.assumptions
    for (symbol, size) in sizes { known.add(.equal(Dimension(symbol), Dimension(size))) }
    if let example = Prover(assuming: known).example() {
      let found = sizes.merging(example.values) { mine, _ in mine }
      if symbols.allSatisfy({ found[$0] != nil }), program.assumptions.hold(at: found) {
        sizes = found
        return
      }
    }
    throw VerificationRefusal(
      given.isEmpty
        ? "no small sizes satisfy what the model requires of its dimensions"
        : "no sizes satisfy what the model requires together with those given",
      help: "choose them with " + open.map { "--set \($0.symbol)=…" }.joined(separator: " "))
  }

  private static let primes = [5, 7, 11, 13, 3, 17]

  /// Declared dimensions first, then others that the loss's inputs show.
  private static func symbols(of program: Program) -> [Symbol] {
    var symbols = program.dimensions.map(\.symbol)
    guard let loss = program.loss else { return symbols }
    for input in program[loss].inputs {
      for dimension in program[loss].type(of: input).shape {
        for symbol in dimension.symbols.sorted() where !symbols.contains(symbol) {
          symbols.append(symbol)
        }
      }
    }
    return symbols
  }

  /// The preferred size, other small ones, and the ends of the range.
  private static func candidates(
    for symbol: Symbol, _ preferred: Int, _ assumptions: Assumptions
  ) -> [Int] {
    let bounds = assumptions.bounds(of: symbol)
    let lower = max(bounds.lower ?? 1, 1)
    let upper = bounds.upper ?? .max
    var result = [preferred, 5, 7, 11, 3, 2, 4, 8, 6, 16, 32, 64, 128, 256, 512, 1_024, 1]
    for offset in 0...4 {
      let (above, overflow) = lower.addingReportingOverflow(offset)
      if !overflow { result.append(above) }
    }
    result.append(upper)
    var seen: Set<Int> = []
    return result.filter { $0 >= lower && $0 <= upper && seen.insert($0).inserted }
  }

  private static func search(
    _ open: ArraySlice<(symbol: Symbol, candidates: [Int])>, from sizes: [Symbol: Int],
    _ assumptions: Assumptions, distinct: Bool, _ attempts: inout Int
  ) -> [Symbol: Int]? {
    guard let next = open.first else { return assumptions.hold(at: sizes) ? sizes : nil }
    for size in next.candidates {
      attempts -= 1
      guard attempts > 0 else { return nil }
      if distinct, sizes.values.contains(size) { continue }
      var extended = sizes
      extended[next.symbol] = size
      // What is already decided must hold; the rest waits for its symbols.
      guard assumptions.constraints.allSatisfy({ $0.evaluate(extended) != false }) else {
        continue
      }
      if let found = search(
        open.dropFirst(), from: extended, assumptions, distinct: distinct, &attempts)
      {
        return found
      }
    }
    return nil
  }
}
