// HouseBuilderTests: the worked example of SwiftDSL's page.
// Apart from the other pages' because it imports what a program imports, and no more.
import PlumblineKit
import SwiftDSL
import Testing

@Suite struct HouseBuilderTests {
  @Test("SwiftDSL: the same three layers, built in Swift")
  func building() {
    let source = ModelSource {
      Model("small") {
        Let("h", .repeated(3, Term("linear")(8, 8)))
        Forward(Tensor("x", "B", 8), gives: .shaped("B", 8)) {
          Step.give(Term("h")("x"))
        }
      }
    }
    #expect(Plumbline.check(source).parameters == 216)
  }
}
