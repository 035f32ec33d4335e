// FindingPolicyTests: `allow` and `treat`, in the text and in what they do.
// Apart from the fixtures of rules because here the lines themselves are wrong.
import Diagnostics
import Language
import PlumblineKit
import Testing

@Suite struct FindingPolicyTests {
  private func text(_ line: String, heads: Int = 64) -> String {
    """
    model narrow {
      dim B >= 1, T >= 1

      let q = linear(64, 64)
      let k = linear(64, 64)

      forward(x: [B, T, 64]) -> [B, T, T] {
        a = rearrange(q(x) : b t (h d) -> b h t d, h = \(heads))
        c = rearrange(k(x) : b t (h d) -> b h t d, h = \(heads))
        return mean(softmax(einsum(a, c : b h t d, b h s d -> b h t s) : b h t [s]) : b [h] t s)
      }

      \(line)
    }

    """
  }

  private func ids(_ line: String, heads: Int = 64) -> [String] {
    Workspace.load(path: "narrow.model", text: text(line, heads: heads)).diagnostics.map {
      "\($0.severity): \($0.id)"
    }
  }

  @Test("a finding is a warning, unless the file says otherwise")
  func severities() {
    #expect(ids("expect parameters == 8_320") == ["warning: head-width-unusual"])
    #expect(ids("allow head-width-unusual because \"a study\"") == [])
    #expect(
      ids("treat head-width-unusual as note because \"a study\"") == ["note: head-width-unusual"])
    #expect(
      ids("treat head-width-unusual as error because \"a study\"") == ["error: head-width-unusual"])
  }

  @Test("a line that acts on nothing, or on what does not exist, is reported")
  func useless() {
    #expect(
      ids("allow head-width-unusual because \"a study\"", heads: 4) == ["warning: unused-allow"])
    #expect(
      ids("allow head-with-unusual because \"a study\"")
        == ["error: unknown-finding", "warning: head-width-unusual"])
  }

  @Test(
    "a reason is needed, and a severity that exists",
    arguments: [
      "allow head-width-unusual", "allow head-width-unusual because", "allow because \"x\"",
      "treat head-width-unusual because \"x\"", "treat head-width-unusual as fatal because \"x\"",
      "allow head -width because \"x\"",
    ])
  func malformed(_ line: String) {
    let found = Workspace.load(path: "narrow.model", text: text(line)).diagnostics
    #expect(found.contains { $0.severity == .error }, "\(line)")
  }

  @Test("only a model and its plan decide about findings")
  func misplaced() {
    let block =
      "block a() {\n  allow head-width-unusual because \"x\"\n"
      + "  forward(x: [B]) -> [B] { return x }\n}\n"
    let whole = block + "model m {\n  let a = a()\n  forward(x: [B]) -> [B] { return a(x) }\n}\n"
    let found = Workspace.load(path: "m.model", text: whole).diagnostics.map(\.id)
    #expect(found.contains("misplaced-member"))
  }

  @Test("the lines survive the formatter")
  func formatting() {
    for line in [
      "allow head-width-unusual because \"a \\\"study\\\"\"",
      "treat head-width-unusual as note because \"no reason\"",
    ] {
      var map = SourceMap()
      let source = map.add(path: "narrow.model", text: text(line))
      let (syntax, diagnostics) = Parser.parse(source, in: map)
      #expect(diagnostics.isEmpty)
      let formatted = Formatter.format(syntax, map)
      #expect(formatted.contains("  " + line + "\n"))
    }
  }
}
