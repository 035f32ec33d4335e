// ShapeInference: the config values at which a model would have the shapes that a file has.
// Knows no family: it solves the polynomials that the model's own weights carry.
import Dimensions

/// One axis of a stored tensor, or the length of a list of layers, against the model's formula.
struct ShapeEquation: Hashable {
  var formula: Dimension
  var found: Int
}

/// The values at which all equations hold.
struct ShapeSolution: Hashable {
  /// Fields whose value has to be another one.
  var changes: [Symbol: Int]
  /// Fields that keep their value because shapes don't decide them.
  var kept: Set<Symbol>
}

/// Solves shapes for config values.
struct ShapeInference {
  /// More unknowns than this are not tried in every combination.
  private static let mostUnknowns = 10
  /// No axis of a published tensor comes near it.
  private static let largest = 1 << 40

  /// Values that are tried one by one where a field stands inside a floor.
  private static let tried = 4_096

  private let equations: [ShapeEquation]
  private let values: [Symbol: Int]
  private let free: Set<Symbol>

  /// - Parameters:
  ///   - equations: what was found; of several findings for one formula the most frequent counts.
  ///   - values: the present values of all fields.
  ///   - free: the fields that a config may change.
  init(_ equations: [ShapeEquation], values: [Symbol: Int], free: Set<Symbol>) {
    self.free = free
    var votes: [Dimension: [Int: Int]] = [:]
    var order: [Dimension] = []
    for equation in equations where !equation.formula.symbols.isEmpty {
      if votes[equation.formula] == nil { order.append(equation.formula) }
      votes[equation.formula, default: [:]][equation.found, default: 0] += 1
    }
    self.equations = order.compactMap { formula in
      let ranked = (votes[formula] ?? [:]).sorted { ($0.value, $1.key) > ($1.value, $0.key) }
      guard let best = ranked.first else { return nil }
      // Where two findings are as frequent, neither is believed.
      if ranked.count > 1, ranked[1].value == best.value { return nil }
      return ShapeEquation(formula: formula, found: best.key)
    }
    self.values = values
  }

  /// The solutions that leave as little to the present values as possible; none when the shapes
  /// contradict each other, or already fit.
  func solutions() -> [ShapeSolution] {
    var unknowns: Set<Symbol> = []
    for equation in equations where !holds(equation, values) {
      unknowns.formUnion(equation.formula.symbols)
    }
    let names = unknowns.filter { free.contains($0) && values[$0] != nil }.sorted()
    guard !names.isEmpty, names.count <= Self.mostUnknowns else { return [] }
    for size in 0..<names.count {
      var found: [ShapeSolution] = []
      for kept in Self.subsets(of: names, size: size) {
        guard let solution = solution(for: names, keeping: kept), !found.contains(solution) else {
          continue
        }
        found.append(solution)
      }
      if !found.isEmpty { return found }
    }
    return []
  }

  private func solution(for unknowns: [Symbol], keeping kept: [Symbol]) -> ShapeSolution? {
    var free = Set(unknowns).subtracting(kept)
    var point = values
    for symbol in free { point[symbol] = nil }
    var pending = equations
    while !free.isEmpty {
      var progress = false
      var rest: [ShapeEquation] = []
      for equation in pending {
        let open = equation.formula.symbols.intersection(free)
        guard let symbol = open.first, open.count == 1 else {
          if open.isEmpty {
            guard holds(equation, point) else { return nil }
          } else {
            rest.append(equation)
          }
          continue
        }
        guard let root = root(of: equation, for: symbol, at: point) else {
          rest.append(equation)
          continue
        }
        point[symbol] = root
        free.remove(symbol)
        progress = true
      }
      pending = rest
      guard progress else { return nil }
    }
    guard equations.allSatisfy({ holds($0, point) }) else { return nil }
    var changes: [Symbol: Int] = [:]
    for symbol in unknowns where point[symbol] != values[symbol] { changes[symbol] = point[symbol] }
    return changes.isEmpty ? nil : ShapeSolution(changes: changes, kept: Set(kept))
  }

  /// The one value above zero at which an equation holds; `nil` when there are none or several.
  private func root(
    of equation: ShapeEquation, for symbol: Symbol, at point: [Symbol: Int]
  ) -> Int? {
    let difference = equation.formula - Dimension(equation.found)
    if difference.coefficients(in: symbol) == nil {
      // Inside a floor whole ranges of values may do, and then none of them is known.
      var roots: [Int] = []
      var point = point
      for value in 1...Self.tried {
        point[symbol] = value
        if difference.evaluate(point) == 0 { roots.append(value) }
        if roots.count > 1 { return nil }
      }
      return roots.first
    }
    let roots = difference.integerRoots(of: symbol, range: 1...Self.largest, others: point)
    return roots.count == 1 ? roots.first : nil
  }

  private func holds(_ equation: ShapeEquation, _ point: [Symbol: Int]) -> Bool {
    equation.formula.evaluate(point) == Int128(equation.found)
  }

  private static func subsets(of names: [Symbol], size: Int) -> [[Symbol]] {
    guard size > 0 else { return [[]] }
    guard size <= names.count, let first = names.first else { return [] }
    let rest = Array(names.dropFirst())
    return subsets(of: rest, size: size - 1).map { [first] + $0 } + subsets(of: rest, size: size)
  }
}
