// More models of the hostile-input tests: many and long things, paths, shapes and plans.
// Apart so that neither file of samples grows past what can be read.

extension HostileInputTests {
  // MARK: Many and long

  static let sizes: [Sample] = [
    Sample("ten thousand config fields", nil) {
      let fields = (1..<10_000).map { "c\($0) = c\($0 - 1) + 1" }.joined(separator: ", ")
      return model("config c0 = 1, \(fields)\n\(identity)")
    },
    Sample("ten thousand statements", nil) {
      model("forward(x: [B, 8]) -> [B, 8] {\n\(repeated("x = x + x\n", 10_000))return x\n}")
    },
    Sample("five thousand layers by name", nil) {
      model(
        lines(0..<5_000) { "let l\($0) = linear(8, 8)" } + "\nforward(x: [B, 8]) -> [B, 8] {\n"
          + lines(0..<5_000) { "x = l\($0)(x)" } + "\nreturn x\n}")
    },
    Sample("five thousand layers that nothing applies", "unused-layer") {
      model(lines(0..<900) { "let l\($0) = linear(8, 8)" } + "\n" + identity)
    },
    Sample("twenty thousand blocks", nil) {
      model(identity, before: lines(0..<20_000) { "block b\($0)() {\n\(identity)\n}" })
    },
    Sample("a list of 2^60 elements", "value-too-large") {
      model(
        "let a0 = [1, 1]\n" + lines(1..<60) { "let a\($0) = [a\($0 - 1), a\($0 - 1)]" } + "\n"
          + identity)
    },
    Sample("a string of 2^60 bytes", "value-too-large") {
      model(
        "let a0 = \"ab\"\n" + lines(1..<60) { "let a\($0) = a\($0 - 1) + a\($0 - 1)" } + "\n"
          + identity)
    },
    Sample("two thousand operands", "result-mismatch") {
      let operands = Array(repeating: "x", count: 2_000).joined(separator: ", ")
      return model("forward(x: [B, 8]) -> [B, 8] {\n return stack(\(operands), axis: 0)\n}")
    },
    Sample("two thousand inputs", nil) {
      let inputs = (0..<2_000).map { "x\($0): [B, 8]" }.joined(separator: ", ")
      return model("forward(\(inputs)) -> [B, 8] {\n return x0\n}")
    },
    Sample("three thousand derivations", nil) {
      "model m0 {\n\(identity)\n}\n"
        + lines(1..<3_000) { "model m\($0) = m\($0 - 1) {\nconfig c\($0) = \($0)\n}" }
    },
    Sample("a model that derives from itself", "cyclic-derivation") { "model m = m {\n}\n" },
    Sample("defaults of defaults", "number-overflow") {
      let parameters = (1..<100).map { "a\($0): Int = a\($0 - 1) * 2" }.joined(separator: ", ")
      return model(
        "let h = d()\n\(chained)", before: "block d(a0: Int = 1, \(parameters)) {\n\(identity)\n}")
    },
    Sample("a layer passed on through fifty doublings", nil) {
      let blocks = lines(1..<51) {
        """
        block w\($0)(l: linear) {
          let a = w\($0 - 1)(l)
          let c = w\($0 - 1)(l)
          forward(x: [B, 8]) -> [B, 8] {
            return a(c(x))
          }
        }
        """
      }
      return model(
        "let t = linear(8, 8)\nlet h = w50(t)\n\(chained)",
        before:
          "block w0(l: linear) {\nforward(x: [B, 8]) -> [B, 8] {\n return l(x)\n}\n}\n\(blocks)")
    },
  ]

  // MARK: Names

  static let names: [Sample] = [
    Sample("a name of a megabyte", "unknown-name") {
      model("forward(x: [B, 8]) -> [B, 8] {\n return \(repeated("n", 1_000_000))(x)\n}")
    },
    Sample("nine hundred unknown names among ten thousand known ones", "unknown-name") {
      let fields = (0..<10_000).map { "c\($0) = 1" }.joined(separator: ", ")
      let uses = lines(0..<900) { "y\($0) = zz\($0) + x" }
      return model("config \(fields)\nforward(x: [B, 8]) -> [B, 8] {\n\(uses)\nreturn x\n}")
    },
    Sample("a block called like one of the prelude, made of itself", "recursive-block") {
      model(
        "let h = linear(8, 8)\n\(chained)",
        before: "block linear(in: Int, out: Int) {\nlet h = linear(in, out)\n\(chained)\n}")
    },
    Sample("layers that are each other", "unknown-name") {
      model("let a = c\nlet c = a\n\(identity)")
    },
  ]

  // MARK: Selections

  static let selections: [Sample] = [
    Sample("five hundred selections in a hundred thousand layers", "unusual-depth") {
      let paths = stride(from: 0, to: 1_000, by: 2).map { "h[\($0)]" }.joined(separator: ", ")
      return model("let h = repeat 100_000 linear(8, 8)\nfreeze \(paths)\n\(chained)")
    },
    Sample("elements at the ends of the numbers", "selection-matches-nothing") {
      model(
        """
        let h = repeat 4 linear(8, 8)
        freeze h[\(largest)], h[0...\(largest)], h[5..<2], h[-3...-1], h[-\(largest) - 1...3]
        \(chained)
        """)
    },
    Sample("stars in stars", "selection-matches-nothing") {
      model(
        """
        let h = repeat 4 linear(8, 8)
        freeze \(repeated("*a", 60)), \(repeated("*", 500))x, \(repeated("*.", 60))nothing
        \(chained)
        """)
    },
    Sample("stars down 2^50 paths", "selection-matches-nothing") {
      tower(50, base: "let l = linear(8, 8)\nforward(x: [B, 8]) -> [B, 8] {\n return l(x)\n}") {
        "let a = b\($0)()\nlet c = b\($0)()\nforward(x: [B, 8]) -> [B, 8] {\n return a(c(x))\n}"
      }.replacing("model m {", with: "model m {\nfreeze \(repeated("*.", 40))nothing")
    },
    Sample("an adapter that adapts what it is made of", nil) {
      model(
        "let h = repeat 4 linear(8, 8)\nadapt all with doubled()\n\(chained)",
        before: """
          adapter doubled() for base: linear {
            let inner = linear(base.in, base.out)
            forward(x: [..., base.in]) -> [..., base.out] {
              return base(x) + inner(x)
            }
          }
          """)
    },
    Sample("indices at the ends of the numbers", "index-out-of-range") {
      model(
        """
        let h = repeat 4 linear(8, 8)
        let l = [1, 2, 3]
        let a = l[\(largest)]
        let c = l[-\(largest) - 1]
        forward(x: [B, 8]) -> [B, 8] {
          return h[7](h[-1](h[\(largest)](x)))
        }
        """)
    },
  ]

  // MARK: Shapes

  static let shapes: [Sample] =
    [
      ("rearrange(x : b (h d) -> b h d, h = \(largest))", "not-divisible"),
      ("rearrange(x : b (h d) -> b h d, h = 0)", "*"),
      ("rearrange(x : b (99999999999999999999 d) -> b d)", "invalid-number"),
      ("slice(x, axis: \(largest), from: 0, to: 3)", "axis-out-of-range"),
      ("slice(x, axis: 1, from: -\(largest), to: \(largest))", "slice-out-of-range"),
      ("pad(x, axis: 1, before: \(largest), after: \(largest))", nil),
      ("unstack(x, axis: 1, count: 1_000_000_000)", "*"),
      ("unstack(x, axis: 1, count: -1)", "*"), ("iota(-5)", "*"),
      ("broadcast_to(x, shape: [\(largest), \(largest), 8])", "*"), ("stack(x, x, axis: 99)", "*"),
    ].map { expression, finding in
      Sample(expression, finding) {
        model("forward(x: [B, 8]) -> [B, 8] {\n y = \(expression)\n return x\n}")
      }
    } + [
      Sample("a dimension doubled two hundred times", "size-overflow") {
        model(
          "forward(x: [B, 8]) -> [B, 8] {\n"
            + repeated("x = concatenate(x, x, axis: 0)\n", 200) + "return x\n}")
      },
      Sample("dimensions squared eighty times", "size-overflow") {
        model(
          "forward(x: [B, T]) -> [B, T] {\nx = rearrange(x : b t -> (b t))\n"
            + repeated("x = rearrange(einsum(x, x : a, c -> a c) : a c -> (a c))\n", 80)
            + "return x\n}")
      },
      Sample("a product of sums of dimensions", "result-mismatch") {
        let product = Array(repeating: "(A + B + C + D + E + F + G + H)", count: 12)
        return model(
          """
          dim A, B, C, D, E, F, G, H
          let a = \(product.joined(separator: " * "))
          forward(x: [A, B, C, D, E, F, G, H, a]) -> [A] {
            return x
          }
          """)
      },
      Sample("two thousand axes", "result-mismatch") {
        let axes = Array(repeating: "8", count: 2_000).joined(separator: ", ")
        return model("forward(x: [\(axes)]) -> [8] {\n return x + x\n}")
      },
      Sample("a pattern of two thousand axes", "rank-mismatch") {
        let axes = (0..<2_000).map { "a\($0)" }.joined(separator: " ")
        return model("forward(x: [B, 8]) -> [B, 8] {\n return rearrange(x : \(axes) -> \(axes))\n}")
      },
    ]

  // MARK: Plans and claims

  static let plans: [Sample] = [
    Sample("a plan at the ends of the numbers", "plan-out-of-range") {
      model("forward(x: [B, T]) -> [B, T] {\n return x\n}")
        + """
        train m {
          batch B = \(largest), T = \(largest), accumulate \(largest)
          data 1e308 tokens
          optimizer adamw(rate: 1e308 * 10, betas: (1, 2, 3), epsilon: 0, decay: -1)
          schedule warmup \(largest) steps, then constant \(largest) steps, then cosine to -1 at step -5
          clip global_norm 0
          seed -\(largest)
        }
        """
    },
    Sample("claims about what is not there", "unknown-path") {
      model(
        """
        let h = repeat 4 linear(8, 8)
        \(chained)
        expect parameters(h[\(largest)]) == 3
        expect parameters(h, h, h) == \(largest)
        expect parameters(nothing) == 1
        expect flops(forward, B = \(largest)) == 1
        expect shape(x) == []
        expect parameters == inf
        expect parameters == 1e300
        expect parameters == "x"
        expect nonsense words here == 3
        """)
    },
    Sample("a thousand false claims", "expectation-failed") {
      model(
        "config width = 8\nlet h = linear(width, 8)\n\(chained)\n"
          + lines(0..<900) { "expect parameters == \($0 + 1_000)" })
    },
  ]
}
