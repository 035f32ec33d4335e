// LawTests: every law on every operation of the catalogue.
// A new operation is tested by being in the catalogue; it adds nothing here.
import IR
import Operations
import Testing

/// One operation of the catalogue, named in the test's report.
struct CatalogueEntry: Sendable, CustomTestStringConvertible {
  let type: any Operation.Type

  var testDescription: String { type.schema.name }

  static let all = Catalogue.all.map { CatalogueEntry(type: $0) }
}

@Suite struct LawTests {
  private func check(_ law: Law, _ entry: CatalogueEntry) {
    for violation in law.violations(entry.type, RandomSource.seed) {
      Issue.record("\(law.name): \(violation)")
    }
  }

  @Test("symbolic types hold for every size", arguments: CatalogueEntry.all)
  func shape(_ entry: CatalogueEntry) { check(ShapeLaw.law, entry) }

  @Test("a run has the predicted types, in both precisions", arguments: CatalogueEntry.all)
  func extents(_ entry: CatalogueEntry) { check(ExtentLaw.law, entry) }

  @Test("gradients equal central differences", arguments: CatalogueEntry.all)
  func gradient(_ entry: CatalogueEntry) { check(GradientLaw.law, entry) }

  @Test("predicted multiply-adds are those counted", arguments: CatalogueEntry.all)
  func work(_ entry: CatalogueEntry) { check(WorkLaw.law, entry) }

  @Test("text form and attributes round-trip", arguments: CatalogueEntry.all)
  func text(_ entry: CatalogueEntry) { check(TextLaw.law, entry) }

  @Test("documented faults are those that occur", arguments: CatalogueEntry.all)
  func faults(_ entry: CatalogueEntry) { check(FaultLaw.law, entry) }

  @Test("an operation equals its expansion", arguments: CatalogueEntry.all)
  func expansion(_ entry: CatalogueEntry) { check(ExpansionLaw.law, entry) }

  @Test("a gradient reads what it declares to keep", arguments: CatalogueEntry.all)
  func keeps(_ entry: CatalogueEntry) { check(KeepsLaw.law, entry) }

  @Test("runs repeat bit by bit, also over nothing", arguments: CatalogueEntry.all)
  func replay(_ entry: CatalogueEntry) { check(ReplayLaw.law, entry) }

  @Test("kernels refuse what does not fit", arguments: CatalogueEntry.all)
  func refusal(_ entry: CatalogueEntry) { check(RefusalLaw.law, entry) }

  @Test("every operation has a legal example, and every symbol in it a range of sizes")
  func examples() {
    for type in Catalogue.all {
      let legal = type.examples.filter { $0.fault == nil }
      #expect(!legal.isEmpty, "\(type.schema.name)")
      for example in legal {
        let symbols = Set(example.operands.flatMap { $0.shape.flatMap(\.symbols) })
        #expect(symbols.subtracting(example.sizes.keys).isEmpty, "\(type.schema.name)")
      }
    }
  }

  @Test("operations without a gradient exist, and none of them has one by now")
  func withoutGradient() {
    for name in GradientLaw.withoutGradient.keys {
      #expect(Catalogue.operation(named: name) != nil, "\(name)")
    }
  }
}
