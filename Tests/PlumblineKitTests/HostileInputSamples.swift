// HostileInputSamples: the models of the hostile-input tests, by what they attack.
// Apart from the suite, which only says what must hold for all of them.

extension HostileInputTests {
  static let largest = "9_223_372_036_854_775_807"

  // MARK: Counts

  static let counts: [Sample] =
    [
      ("0", "repeat-count"), ("-1", "repeat-count"), ("1_000_001", "repeat-count"),
      (largest, "repeat-count"), ("2 ** 62", "repeat-count"), ("1.5", "not-a-whole-number"),
      ("1.0 / 0", "not-a-whole-number"), ("1 / 0", "division-by-zero"),
      ("1 % 0", "division-by-zero"),
      ("1 div 0", "division-by-zero"), ("2 ** 63", "number-overflow"),
      ("2 ** 100", "number-overflow"), ("100_000", "unusual-depth"),
      ("1_000_000", "unusual-depth"), ("1_000", nil),
    ].map { count, finding in
      Sample("repeat \(count)", finding) { stack(count) }
    } + [
      Sample("ten thousand layers, each told apart", nil) {
        model(
          "let h = repeat 10_000 as i step(i)\n\(chained)",
          before: "block step(i: Int) {\n\(identity)\n}")
      },
      Sample("more different layers than a model may have", "model-too-large") {
        model(
          "let h = repeat 60_000 as i step(i)\n\(chained)",
          before: "block step(i: Int) {\n\(identity)\n}")
      },
      Sample("repeats of repeats: 10^45 layers", "unusual-depth") {
        tower(10, base: identity) {
          "let a = repeat 100_000 b\($0)()\nforward(x: [B, 8]) -> [B, 8] {\n return a(x)\n}"
        }
      },
      Sample("a mistake in each of 10^45 layers", "result-mismatch") {
        tower(10, base: "let l = linear(8, 9)\nforward(x: [B, 8]) -> [B, 8] {\n return l(x)\n}") {
          """
          let a = repeat 100_000 b\($0)()
          let c = repeat 100_000 b\($0)()
          forward(x: [B, 8]) -> [B, 8] {
            return a(c(x))
          }
          """
        }
      },
    ]

  // MARK: Numbers

  static let numbers: [Sample] =
    [
      ("\(largest) + 1", "number-overflow"), ("-\(largest) - 2", "number-overflow"),
      ("\(largest) * 2", "number-overflow"), ("2 ** 64", "number-overflow"),
      ("10 ** 400", "number-overflow"), ("(-2) ** 64", "number-overflow"),
      ("(-1) ** \(largest)", nil), ("0 ** \(largest)", nil), ("2 ** -1", nil),
      ("(-\(largest) - 1) div -1", "number-overflow"),
      ("(-\(largest) - 1) % -1", "number-overflow"), ("-(-\(largest) - 1)", "number-overflow"),
      ("abs(-\(largest) - 1)", nil), ("99999999999999999999", "number-overflow"),
      ("1e999", "invalid-number"), ("int(1e300)", "wrong-operands"),
      ("floor(1e19)", "wrong-operands"), ("round(0.0 / 0.0)", "wrong-operands"),
      ("sqrt(-1)", "wrong-operands"), ("log(0)", "wrong-operands"), ("exp(1e9)", nil),
      ("5 % -3", nil), ("-5 div 3", nil), ("5.5 % 0", nil), ("min()", "wrong-operands"),
      ("true + 1", "wrong-operands"), ("[1] + [2]", "wrong-operands"), ("!3", "wrong-operands"),
      ("a + 1", "unknown-name"),
    ].map { expression, finding in
      Sample("config a = \(expression)", finding) {
        model("config a = \(expression)\n\(identity)")
      }
    } + [
      Sample("a weight of 10^30 elements", "size-overflow") {
        model(
          """
          let h = linear(1_000_000_000_000_000, 1_000_000_000_000_000)
          forward(x: [B, 1_000_000_000_000_000]) -> [B, 1_000_000_000_000_000] {
            return h(x)
          }
          """)
      },
      Sample("10^30 weights in small pieces", "expectation-failed") {
        tower(6, base: "let h = linear(8, 8)\n\(chained)") {
          "let a = repeat 1_000_000 b\($0)()\nforward(x: [B, 8]) -> [B, 8] {\n return a(x)\n}"
        }.replacing("model m {", with: "model m {\nexpect parameters == 3\n")
      },
      Sample("10^45 weights: more than 128 bits of them", "count-overflow") {
        tower(9, base: "let h = linear(8, 8)\n\(chained)") {
          "let a = repeat 1_000_000 b\($0)()\nforward(x: [B, 8]) -> [B, 8] {\n return a(x)\n}"
        }.replacing("model m {", with: "model m {\nexpect parameters == 3\n")
      },
      Sample("the widest layer", "size-overflow") {
        model(
          """
          config width = \(largest)
          let h = linear(width, width)
          forward(x: [B, width]) -> [B, width] {
            return h(x)
          }
          """)
      },
      Sample("three times the widest layer", "number-overflow") {
        model(
          "config width = \(largest)\nlet h = linear(width, 3 * width)\n\(identity)")
      },
      Sample("a width below zero", "size-out-of-range") {
        model("let h = linear(-8, -8)\n\(chained)")
      },
      Sample("a width of zero", "size-out-of-range") { model("let h = linear(0, 0)\n\(chained)") },
      Sample("bounds that overflow", "contradictory-bounds") {
        model("dim A in 1...-\(largest), C >= \(largest)\n\(identity)")
      },
      Sample("a dimension that is a multiple of nothing", nil) {
        model("dim A % 0 == 0\n\(identity)")
      },
      Sample("Fibonacci's numbers", "number-overflow") {
        let sums = lines(2..<200) { "let a\($0) = a\($0 - 1) + a\($0 - 2)" }
        return model("let a0 = 1\nlet a1 = 1\n\(sums)\n\(identity)")
      },
      Sample("Fibonacci's powers of dimensions", nil) {
        let products = lines(2..<60) { "let a\($0) = a\($0 - 1) * a\($0 - 2)" }
        return model("dim A >= 1, C >= 1\nlet a0 = A\nlet a1 = C\n\(products)\n\(identity)")
      },
      Sample("divisions in divisions", nil) {
        let terms = lines(1..<40) { "let a\($0) = (a\($0 - 1) * a\($0 - 1) + 1) div (\($0) + a0)" }
        return model("dim A >= 1\nlet a0 = A\n\(terms)\n\(identity)")
      },
      Sample("requirements that no prover decides", "requirement-failed") {
        model(
          """
          dim A >= 1, C >= 1, D >= 1, E >= 1
          require (A * C + D) % E == (E * E * A) % (C + 1)
          require A ** 5 + C ** 5 != D ** 5
          forward(x: [A, C, D, E]) -> [A, C, D, E] {
            return x
          }
          """)
      },
    ]

  // MARK: Recursion and depth

  static let recursions: [Sample] =
    [
      Sample("a block that contains itself", "recursive-block") {
        model("let h = a()\n\(chained)", before: "block a() {\nlet h = a()\n\(chained)\n}")
      },
      Sample("two blocks that contain each other", "recursive-block") {
        model(
          "let h = a()\n\(chained)",
          before: "block a() {\nlet h = c()\n\(chained)\n}\nblock c() {\nlet h = a()\n\(chained)\n}"
        )
      },
      Sample("a block that contains a larger one of itself", "recursive-block") {
        model(
          "let h = a(1)\n\(chained)",
          before: "block a(n: Int) {\nlet h = a(n + 1)\n\(chained)\n}")
      },
      Sample("a tree of blocks without end", "recursive-block") {
        model(
          "let h = a(1)\n\(chained)",
          before: "block a(n: Int) {\nlet h = a(n + 1)\nlet g = a(n + 2)\n\(chained)\n}")
      },
      Sample("a tree of 2^40 different blocks", "model-too-large") {
        model(
          "let h = a(1, 0)\n\(chained)",
          before: """
            block a(n: Int, depth: Int) {
              if depth < 40 {
                let h = a(2 * n, depth + 1)
                let g = a(2 * n + 1, depth + 1)
              }
              \(identity)
            }
            """)
      },
      Sample("a forward that applies itself", "recursive-block") {
        model(
          "forward(x: [B, 8]) -> [B, 8] {\n return a(1, x)\n}",
          before: "block a(n: Int) {\nforward(x: [B, 8]) -> [B, 8] {\n return a(n + 1, x)\n}\n}")
      },
      Sample("a forward that applies itself to ever more", "recursive-block") {
        model(
          "forward(x: [B, 8]) -> [B, 8] {\n return a(x)\n}",
          before: "block a() {\nforward(x: [...]) -> [...] {\n return a(stack(x, x, axis: 0))\n}\n}"
        )
      },
      Sample("forwards for 2^40 different shapes", "model-too-large") {
        let blocks = lines(1..<41) {
          """
          block b\($0)() {
            forward(x: [N]) -> [] {
              return b\($0 - 1)(concatenate(x, x, axis: 0)) + b\($0 - 1)(pad(x, axis: 0, before: 1, after: 0))
            }
          }
          """
        }
        return model(
          "forward(x: [8]) -> [] {\n return b40(x)\n}",
          before: "block b0() {\nforward(x: [N]) -> [] {\n return sum(x : [n])\n}\n}\n\(blocks)")
      },
      Sample("ten thousand blocks, each in the next", "recursive-block") {
        tower(10_000, base: identity) {
          "let a = b\($0)()\nforward(x: [B, 8]) -> [B, 8] {\n return a(x)\n}"
        }
      },
      Sample("2^60 layers by doubling", nil) {
        tower(60, base: "let l = linear(8, 8)\nforward(x: [B, 8]) -> [B, 8] {\n return l(x)\n}") {
          "let a = b\($0)()\nlet c = b\($0)()\nforward(x: [B, 8]) -> [B, 8] {\n return a(c(x))\n}"
        }
      },
      Sample("2^60 applications by doubling", nil) {
        tower(60, base: "let l = linear(8, 8)\nforward(x: [B, 8]) -> [B, 8] {\n return l(x)\n}") {
          "let a = b\($0)()\nforward(x: [B, 8]) -> [B, 8] {\n return a(a(x))\n}"
        }
      },
      Sample("branches in branches", nil) {
        model(
          "let a = \(repeated("if true { ", 100))1\(repeated(" } else { 2 }", 100))\n\(identity)")
      },
      Sample("ten thousand branches in branches", "nested-too-deeply") {
        model(
          "let a = \(repeated("if true { ", 10_000))1\(repeated(" } else { 2 }", 10_000))\n\(identity)"
        )
      },
    ]
    + [
      ("(", ")"), ("-(", ")"), ("(x + ", ")"), ("relu(", ")"), ("if true { ", " } else { x }"),
    ].map { open, close in
      Sample("deep `\(open)` in deep blocks", "nested-too-deeply") {
        tower(60, base: identity) {
          """
          let a = b\($0)()
          forward(x: [B, 8]) -> [B, 8] {
            return \(repeated(open, 100))a(x)\(repeated(close, 100))
          }
          """
        }
      }
    }
}
