// HalfReduction: long sums in 16 bits.
// One finding for a model: the cause is its element type, not each place.
import Diagnostics
import Dimensions
import IR

/// A softmax, a norm or a mean is computed in f16 or bf16.
///
/// Each adds up many elements, and 16 bits have 11 (f16) or 8 (bf16) bits for digits: beyond a few
/// thousand elements of equal size a sum stops growing, and squares of norms overflow f16 above
/// 256. Frameworks that train in 16 bits do these in f32. Written in this language an operation
/// computes in the type of its operands, so a cast before and after says what is meant.
///
/// - Example: softmax(scores : b h t [s]) where scores are f16
/// - Remedy: Cast to f32 before and back after, or allow it if the kernels accumulate in f32.
/// - Catalogue: N05
enum HalfReduction: Rule {
  static let id = "half-reduction"

  static func findings(in subject: RuleSubject) -> [Diagnostic] {
    let half = subject.sites.reductions.filter { $0.element == .f16 || $0.element == .bf16 }
    guard let first = half.first else { return [] }
    var names: [String] = []
    for site in half where !names.contains(site.operation) { names.append(site.operation) }
    return [
      finding(
        "`\(first.operation)` adds up in \(first.element.rawValue), expected f32",
        at: first.site.range,
        facts: [
          half.count == 1
            ? "this is the only place" : "\(half.count) places: \(names.joined(separator: ", "))"
        ])
    ]
  }
}
