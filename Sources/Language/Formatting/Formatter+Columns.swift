// Columns: which adjacent lines align, and at which widths.
// Decided before anything is laid out, from the tree and the blank lines of the source alone.
import Diagnostics

/// The widths that one line of a run is padded to; zero pads nothing.
struct Columns {
  /// The word at the start: `dtype`, `optimizer`.
  var keyword = 0
  /// What stands before `=` or a comparison.
  var name = 0
  /// The dimensions of a `param`.
  var type = 0
  /// What stands before the ` : ` of a pattern.
  var pattern = 0
}

extension Formatter {
  /// Splits items into runs: neighbours of one kind with no blank line between them.
  private func runs<Item, Kind: Equatable>(
    _ items: [Item], kind: (Item) -> Kind?, range: (Item) -> SourceRange
  ) -> [Range<Int>] {
    var runs: [Range<Int>] = []
    var start = 0
    for index in items.indices {
      guard index > start else { continue }
      let before = items[index - 1]
      let isSame = kind(items[index]) != nil && kind(before) == kind(items[index])
      if isSame, !hasBlankLine(from: range(before).upper, to: range(items[index]).lower) {
        continue
      }
      runs.append(start..<index)
      start = index
    }
    if start < items.count { runs.append(start..<items.count) }
    return runs
  }

  /// The widest of the widths that take part in alignment.
  private func column(_ widths: [Int?]) -> Int {
    widths.compactMap { $0 }.filter { $0 <= Self.widestAligned }.max() ?? 0
  }

  // MARK: Members

  private enum MemberKind { case head, binding, parameter, expect }

  private func kind(of member: Member) -> MemberKind? {
    switch member {
    case .family, .dtype, .config, .dim: .head
    case .binding: .binding
    case .parameter: .parameter
    case .expect: .expect
    default: nil
    }
  }

  func columns(of members: [Member]) -> [Columns] {
    var columns = [Columns](repeating: Columns(), count: members.count)
    for run in runs(members, kind: kind(of:), range: \.range) {
      var shared = Columns()
      shared.keyword = members[run].map { $0.keyword?.count ?? 0 }.max() ?? 0
      shared.name = column(members[run].map { nameWidth(of: $0) })
      shared.type = column(
        members[run].map { member in
          guard case .parameter(let node) = member, node.initialiser != nil else { return nil }
          return flatWidth { $0.layout(of: node.type) }
        })
      for index in run { columns[index] = shared }
    }
    return columns
  }

  private func nameWidth(of member: Member) -> Int? {
    switch member {
    case .binding(let node): node.name.text.unicodeScalars.count
    case .parameter(let node): node.name.text.unicodeScalars.count
    case .expect(let node): flatWidth { $0.subject(of: node) }
    default: nil
    }
  }

  func columns(of members: [TrainMember]) -> [Columns] {
    var columns = [Columns](repeating: Columns(), count: members.count)
    for run in runs(members, kind: { $0.columnKind }, range: \.range) {
      var shared = Columns()
      shared.keyword = members[run].map(\.keyword.count).max() ?? 0
      shared.name = column(
        members[run].map { member in
          guard case .expect(let node) = member else { return nil }
          return flatWidth { $0.subject(of: node) }
        })
      for index in run { columns[index] = shared }
    }
    return columns
  }

  // MARK: Statements

  func columns(of statements: [Statement]) -> [Columns] {
    var columns = [Columns](repeating: Columns(), count: statements.count)
    let isPlain: (Statement) -> Bool? = { $0.plainTargets == nil ? nil : true }
    for run in runs(statements, kind: isPlain, range: \.range) {
      let width = column(statements[run].map { $0.plainTargets?.unicodeScalars.count })
      for index in run { columns[index].name = width }
    }
    for run in runs(statements, kind: \.patternCallee, range: \.range) where run.count > 1 {
      let width = column(statements[run].map { operandsWidth(of: $0.value) })
      for index in run { columns[index].pattern = width }
    }
    return columns
  }

  /// The width of a call up to its pattern.
  func operandsWidth(of value: Expression?) -> Int? {
    guard let value, case .call(var node) = value.kind, node.pattern != nil else { return nil }
    node.arguments = Array(node.arguments.prefix { $0.label == nil })
    node.pattern = nil
    node.bindings = []
    return flatWidth { $0.call(node, value.range) }.map { $0 - 1 }
  }
}

extension TrainMember {
  /// Claims align among themselves, policies not at all, everything else by its keyword.
  fileprivate var columnKind: Bool? {
    switch self {
    case .policy: nil
    case .expect: true
    default: false
    }
  }
}

extension Statement {
  /// The names that are bound, when none has a type.
  fileprivate var plainTargets: String? {
    guard case .binding(let targets, _, _) = self, targets.allSatisfy({ $0.type == nil }) else {
      return nil
    }
    return targets.map(\.name.text).joined(separator: ", ")
  }

  fileprivate var value: Expression? {
    guard case .binding(_, let value, _) = self else { return nil }
    return value
  }

  /// The name of the operation when the value is a call with a pattern and nothing around it.
  fileprivate var patternCallee: String? {
    guard plainTargets != nil, case .call(let node)? = value?.kind, node.pattern != nil,
      case .name(let name) = node.callee.kind
    else { return nil }
    return name
  }
}
