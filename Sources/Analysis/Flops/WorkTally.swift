// WorkTally: the work at every place of the folded tree, forward and backward.
// Apart from the report, because a tally knows no convention.
import Dimensions
import IR

/// Work by place.
struct WorkTally {
  /// A layer, or a run of alike ones, with everything below.
  struct Place {
    var path: FoldedPath
    var block: String
    var count: Dimension
    /// Where the place stands in source order.
    var position: [Int]
    var forward = WorkAmounts()
    var backward = WorkAmounts()
  }

  /// The model first; layers that add nothing to the path are part of their owners.
  private(set) var places: [Place] = []
  /// The forward work that only results after the first read.
  private(set) var aside = WorkAmounts()

  init(
    _ program: Program, of entry: FunctionID,
    backward root: (function: FunctionID, derivative: DerivativeID)?,
    sizes: [Symbol: Dimension], limit: Int
  ) throws(AnalysisError) {
    let tree = FoldedTree(program)
    let work = CountedWork(program)
    var rows: [FoldedInstance: Int] = [:]
    var lines: [FoldedInstance: [Int]] = [:]
    var places = [
      Place(path: tree.root.path, block: program[program.root].block, count: 1, position: [])
    ]
    rows[tree.root] = 0
    /// The rows of a place and of its owners, the model's first.
    func line(_ place: FoldedInstance) throws(AnalysisError) -> [Int] {
      let place = tree.widened(place)
      if let known = lines[place] { return known }
      var chain = [place]
      while let last = chain.last, let owner = tree.owner(of: last) { chain.append(owner) }
      var result: [Int] = []
      var owner: FoldedInstance?
      for place in chain.reversed() {
        defer { owner = place }
        if let known = rows[place] {
          if result.last != known { result.append(known) }
          continue
        }
        if let owner, owner.path == place.path, let row = rows[owner] {
          rows[place] = row
          continue
        }
        guard places.count < limit else { throw .tooManyRows(what: "blocks", limit: limit) }
        rows[place] = places.count
        result.append(places.count)
        places.append(
          Place(
            path: place.path, block: program[place.definition].block, count: place.count,
            position: place.levels.flatMap { [$0.child, $0.elements?.lowerBound ?? 0] }))
      }
      lines[place] = result
      return result
    }
    let forward = try Applications(of: entry, in: program, limit: limit)
    for application in forward.forward {
      let amounts = work.forward(of: application.function)
      for row in try line(application.place) {
        places[row].forward.add(amounts, times: application.times)
      }
    }
    if let root {
      let walk = try Applications(
        of: root.function, backward: root.derivative, in: program, limit: limit)
      var known: [DerivativeID: WorkAmounts] = [:]
      for application in walk.backward {
        let amounts = known[application.derivative] ?? work.backward(of: application.derivative)
        known[application.derivative] = amounts
        for row in try line(application.place) {
          places[row].backward.add(amounts, times: application.times)
        }
      }
    }
    for index in places.indices {
      places[index].forward = places[index].forward.substituting(sizes)
      places[index].backward = places[index].backward.substituting(sizes)
    }
    self.places = places.sorted { $0.position.lexicographicallyPrecedes($1.position) }
    aside = work.aside(of: entry).substituting(sizes)
  }
}

extension WorkTally.Place {
  /// The lines of a convention, kinds in order, forward before backward.
  func lines(by convention: CountingConvention, without aside: WorkAmounts?) -> [FlopsReport.Line] {
    WorkPass.allCases.flatMap { pass in
      let rules = convention.rules(pass)
      return WorkKind.allCases.compactMap { kind -> FlopsReport.Line? in
        guard let rule = rules[kind] else { return nil }
        var amount = pass == .forward ? forward[kind] : backward[kind]
        if pass == .forward, convention.firstResultOnly, let aside { amount -= aside[kind] }
        guard amount != 0 else { return nil }
        return FlopsReport.Line(
          pass: pass, name: rule.name, kind: kind, flops: amount * Dimension(rule.factor))
      }
    }
  }
}
