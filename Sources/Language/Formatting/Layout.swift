// Layout: text with places where a line may break, and the choice of the breaks.
// Knows nothing of the model language; the formatter builds it, this file prints it.

/// A piece of text whose line breaks are not yet chosen.
///
/// - Source: Wadler 2003, "A prettier printer"; the fitting rule is the one of Prettier.
indirect enum Layout: Sendable {
  case text(String)
  case sequence([Layout])
  /// A line break, or `flat` when the group around it stands on one line.
  case line(flat: String)
  /// A line break in any case; a group that holds one is never flat.
  case hardLine
  /// Indents the lines that start inside.
  case nest(Int, Layout)
  /// On one line if it fits, else broken at each of its own `line`s.
  case group(Layout)
  /// `flat` on one line if it fits, else `broken`.
  case choice(flat: Layout, broken: Layout)
  /// Spaces that align something, and only on one line.
  case padding(Int)
  /// A comment at the end of a line; it does not count towards the line's width.
  case comment(String)

  static let empty = Layout.text("")

  /// The pieces with `separator` between them.
  static func joined(_ pieces: [Layout], by separator: Layout) -> Layout {
    var parts: [Layout] = []
    for (index, piece) in pieces.enumerated() {
      if index > 0 { parts.append(separator) }
      parts.append(piece)
    }
    return .sequence(parts)
  }

  /// The text on one line, or nil if it cannot stand on one.
  var flatText: String? {
    switch self {
    case .text(let text), .line(let text): return text
    case .hardLine, .comment: return nil
    case .nest(_, let inner), .group(let inner), .choice(let inner, _): return inner.flatText
    case .padding(let count): return String(repeating: " ", count: count)
    case .sequence(let parts):
      var text = ""
      for part in parts {
        guard let piece = part.flatText else { return nil }
        text += piece
      }
      return text
    }
  }

  /// Prints with lines of at most `width` columns where the breaks allow it.
  func printed(width: Int) -> String {
    var printer = Printer(width: width)
    printer.print(self)
    return printer.output
  }
}

/// Chooses the breaks from left to right.
private struct Printer {
  struct Entry {
    let indentation: Int
    let isFlat: Bool
    let layout: Layout
  }

  let width: Int
  var output = ""
  private var column = 0
  private var stack: [Entry] = []
  /// The indentation that is still to be written, so that empty lines stay empty.
  private var pending = 0

  init(width: Int) { self.width = width }

  mutating func print(_ layout: Layout) {
    stack = [Entry(indentation: 0, isFlat: false, layout: layout)]
    while let entry = stack.popLast() { step(entry) }
  }

  private mutating func step(_ entry: Entry) {
    func inner(_ layout: Layout, flat: Bool? = nil, nested: Int = 0) -> Entry {
      Entry(
        indentation: entry.indentation + nested, isFlat: flat ?? entry.isFlat, layout: layout)
    }
    switch entry.layout {
    case .text(let text): write(text)
    case .sequence(let parts): for part in parts.reversed() { stack.append(inner(part)) }
    case .line(let flat):
      if entry.isFlat { write(flat) } else { breakLine(entry.indentation) }
    case .hardLine: breakLine(entry.indentation)
    case .nest(let count, let layout): stack.append(inner(layout, nested: count))
    case .group(let layout):
      stack.append(inner(layout, flat: entry.isFlat || fits(layout)))
    case .choice(let flat, let broken):
      let isFlat = entry.isFlat || fits(flat)
      stack.append(inner(isFlat ? flat : broken, flat: isFlat))
    case .padding(let count): if entry.isFlat { write(String(repeating: " ", count: count)) }
    case .comment(let text): write("  " + text)
    }
  }

  private mutating func write(_ text: String) {
    guard !text.isEmpty else { return }
    if pending > 0 {
      output += String(repeating: " ", count: pending)
      column = pending
      pending = 0
    }
    output += text
    column += text.unicodeScalars.count
  }

  private mutating func breakLine(_ indentation: Int) {
    output += "\n"
    column = 0
    pending = indentation
  }

  /// Whether `layout` fits flat, together with what follows it up to the next possible break.
  private func fits(_ layout: Layout) -> Bool {
    var remaining = width - max(column, pending)
    var ahead = [Entry(indentation: 0, isFlat: true, layout: layout)]
    var below = stack.count
    while remaining >= 0 {
      if ahead.isEmpty {
        guard below > 0 else { return true }
        below -= 1
        ahead.append(stack[below])
      }
      guard let entry = ahead.popLast() else { return true }
      func inner(_ layout: Layout) -> Entry {
        Entry(indentation: 0, isFlat: entry.isFlat, layout: layout)
      }
      switch entry.layout {
      case .text(let text): remaining -= text.unicodeScalars.count
      case .sequence(let parts): for part in parts.reversed() { ahead.append(inner(part)) }
      case .line(let flat):
        if !entry.isFlat { return true }
        remaining -= flat.unicodeScalars.count
      case .hardLine, .comment: return !entry.isFlat
      case .nest(_, let layout), .group(let layout): ahead.append(inner(layout))
      case .choice(let flat, let broken): ahead.append(inner(entry.isFlat ? flat : broken))
      case .padding(let count): if entry.isFlat { remaining -= count }
      }
    }
    return false
  }
}
