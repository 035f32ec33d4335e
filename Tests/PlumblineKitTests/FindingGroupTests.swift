// FindingGroupTests: findings of one line are one block, the gravest first, and none is lost.
// Apart from several mistakes at once, which asks what is found and not how it is told.
import PlumblineKit
import Testing

@Suite struct FindingGroupTests {
  private let text = """
    model small {
      dim B >= 1

      let first = linear(8, 16)

      forward(x: [B, 8]) -> [B, 16] {
        return first(x)
      }
    }

    train small {
      batch     B = 5
      steps     1_000
      optimizer adamw(rate: 6e-4)
      schedule  warmup 300 steps, then cosine to 6e-3 at step 1_000
      clip      global_norm 0
      device    memory 1 GiB, count 2
    }

    """

  @Test("findings about one line stand together under its name")
  func grouped() {
    let loaded = Workspace.load(path: "small.model", text: text)
    let groups = loaded.findingGroups
    #expect(
      groups.map { $0.findings.map(\.id) } == [
        ["floor-above-peak", "warm-up-too-long"], ["clipping-out-of-range"],
        ["batch-uneven-over-devices"],
      ])
    #expect(groups.first?.cause == "`schedule`")
    #expect(loaded.diagnostics.map(\.id) == groups.flatMap { $0.findings.map(\.id) })
  }

  @Test("a mistake that the plan has anyway is not put on the values of its study")
  func studyBesideMistake() {
    let study = """
      model small {
        config width = 16
        dim    B >= 1

        let first = linear(8, width)

        forward(x: [B, 8]) -> [B, width] {
          return first(x)
        }
      }

      train small {
        batch     B = 4
        steps     1_000
        optimizer adamw(rate: 6e-4, betas: (0.9, 1.5))
        vary      width = 16, 0
      }

      """
    let found = Workspace.load(path: "small.model", text: study).diagnostics
    #expect(found.map(\.id) == ["plan-out-of-range", "sweep-value-illegal"])
  }
}
