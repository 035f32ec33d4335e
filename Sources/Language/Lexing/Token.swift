// Token: one word, number, string or sign of a model file.
// Small, because a hostile file of ten megabytes may hold ten million of them.

/// One token; its text lies in the file, between `lower` and `upper`.
package struct Token: Hashable, Sendable {
  /// What a token is.
  package enum Kind: UInt8, Hashable, Sendable {
    case identifier, integer, float, string
    /// A malformed number; the lexer has reported it.
    case invalidNumber
    /// A run of characters without a meaning; the lexer has reported it.
    case unknown
    case leftParenthesis, rightParenthesis, leftBracket, rightBracket, leftBrace, rightBrace
    case comma, colon, dot, ellipsis, halfOpenRange, arrow, fatArrow, bar
    case equals, equalEqual, notEqual, less, lessOrEqual, greater, greaterOrEqual
    case plus, minus, star, starStar, slash, percent, andAnd, barBar, exclamation
    /// What the parser sees in place of the first token of the next line.
    case lineEnd
    case endOfFile

    /// How the sign is written; `nil` for the kinds whose text varies.
    package var spelling: String? {
      switch self {
      case .identifier, .integer, .float, .string, .invalidNumber, .unknown: nil
      case .lineEnd, .endOfFile: nil
      case .leftParenthesis: "("
      case .rightParenthesis: ")"
      case .leftBracket: "["
      case .rightBracket: "]"
      case .leftBrace: "{"
      case .rightBrace: "}"
      case .comma: ","
      case .colon: ":"
      case .dot: "."
      case .ellipsis: "..."
      case .halfOpenRange: "..<"
      case .arrow: "->"
      case .fatArrow: "=>"
      case .bar: "|"
      case .equals: "="
      case .equalEqual: "=="
      case .notEqual: "!="
      case .less: "<"
      case .lessOrEqual: "<="
      case .greater: ">"
      case .greaterOrEqual: ">="
      case .plus: "+"
      case .minus: "-"
      case .star: "*"
      case .starStar: "**"
      case .slash: "/"
      case .percent: "%"
      case .andAnd: "&&"
      case .barBar: "||"
      case .exclamation: "!"
      }
    }
  }

  package let kind: Kind
  /// Whether it is the first token of its line.
  package let startsLine: Bool
  /// Whether white space, a line end or a comment stands before it.
  package let spaceBefore: Bool
  private let start: UInt32
  private let end: UInt32

  package init(kind: Kind, startsLine: Bool, spaceBefore: Bool, lower: Int, upper: Int) {
    self.kind = kind
    self.startsLine = startsLine
    self.spaceBefore = spaceBefore
    start = UInt32(clamping: lower)
    end = UInt32(clamping: upper)
  }

  /// The first offset.
  package var lower: Int { Int(start) }

  /// The offset after the last byte.
  package var upper: Int { Int(end) }
}
