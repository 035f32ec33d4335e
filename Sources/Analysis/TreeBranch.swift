// TreeBranch: the lines in front of the rows of a tree.
// Apart because shapes and counts draw the same tree.

/// The glyphs in front of a row, and in front of the lines that belong to it.
struct TreeBranch {
  var own: String
  var below: String

  /// One for each row of a tree that is listed with owners before what they own.
  static func branches(depths: [Int]) -> [TreeBranch] {
    // Read from the end: whether a later row continues each depth is then known.
    var continues = [Bool](repeating: false, count: (depths.max() ?? 0) + 2)
    var result: [TreeBranch] = []
    for depth in depths.reversed() {
      for deeper in continues.indices where deeper > depth + 1 { continues[deeper] = false }
      var lead = ""
      if depth > 1 {
        for level in 1..<depth { lead += continues[level] ? "│  " : "   " }
      }
      let isLast = !continues[depth]
      let hasChildren = continues[depth + 1]
      let own = depth == 0 ? "" : lead + (isLast ? "└─ " : "├─ ")
      let below = depth == 0 ? "" : lead + (isLast ? "   " : "│  ")
      result.append(TreeBranch(own: own, below: below + (hasChildren ? "│  " : "   ")))
      continues[depth + 1] = false
      continues[depth] = true
    }
    return result.reversed()
  }
}
