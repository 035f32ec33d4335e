// KernelChoiceTests: the set of fast kernels that a machine and its environment lead to.
// Here because the suites of this target run every set that is available.
import Execution
import Kernels
import Testing

@Suite struct KernelChoiceTests {
  @Test("the baseline is always there, first, and the levels rise")
  func available() {
    let levels = KernelChoice.available.map { $0.level }
    #expect(levels.first == .baseline)
    #expect(levels == levels.sorted())
    #expect(Set(levels).count == levels.count)
  }

  @Test("without a wish the best set is chosen")
  func best() throws {
    let best = KernelChoice.available.map { $0.level }.max()
    #expect(try KernelChoice.chosen(environment: [:]).level == best)
    #expect(try KernelChoice.chosen(environment: ["PLUMBLINE_SIMD": ""]).level == best)
  }

  @Test("a level that the machine has can be forced; another is refused by name")
  func forced() throws {
    let levels = KernelChoice.available.map { $0.level }
    for level in SIMDLevel.allCases {
      let environment = ["PLUMBLINE_SIMD": level.rawValue]
      if levels.contains(level) {
        #expect(try KernelChoice.chosen(environment: environment).level == level)
      } else {
        let fault = KernelChoiceFault.unsupported(level, supported: levels)
        #expect(throws: fault) { try KernelChoice.chosen(environment: environment) }
      }
    }
  }

  @Test("a word that is no level is an error that lists the levels")
  func unknown() {
    #expect(throws: KernelChoiceFault.unknown("sse9")) {
      try KernelChoice.chosen(environment: ["PLUMBLINE_SIMD": "sse9"])
    }
    let text = KernelChoiceFault.unknown("sse9").description
    #expect(text == "PLUMBLINE_SIMD is `sse9`, expected baseline, avx2, avx512")
  }
}
