// Tensors: the unfolded names of a ledger's weights, with their second names.
// Apart because this is the one list whose length is the model's and not the source's.
import Dimensions
import IR

/// One name of one weight, as a checkpoint would list it.
package struct NamedTensor: Hashable, Sendable {
  package var name: String
  package var declaration: ParameterDeclaration
  /// The name of the weight that this is another name for.
  package var tiedTo: String?
}

extension ParameterLedger {
  /// The most tensors that are listed one by one.
  package static let tensorLimit = 1_000_000

  /// The weights and buffers one by one, in declaration order.
  ///
  /// - Throws: ``AnalysisError`` when there are more than `limit`.
  package func unfoldedWeights(limit: Int) throws(AnalysisError) -> [UnfoldedParameter] {
    do throws(UnfoldingError) {
      return try program.unfoldedParameters(limit: limit)
    } catch {
      throw .tooManyRows(what: "weights", limit: limit)
    }
  }

  /// Every weight, then every second name; no buffers.
  ///
  /// - Throws: ``AnalysisError`` when there are more than `limit`.
  package func tensors(limit: Int = tensorLimit) throws(AnalysisError) -> [NamedTensor] {
    var tensors = try unfoldedWeights(limit: limit).filter { !$0.declaration.isBuffer }.map {
      NamedTensor(name: $0.name, declaration: $0.declaration, tiedTo: nil)
    }
    for group in ties {
      let declaration = tree.declaration(of: group.owner)
      for member in group.members where member.isName {
        let pairs = names(of: member, and: group, limit: limit - tensors.count)
        guard let pairs else { throw .tooManyRows(what: "weights", limit: limit) }
        tensors += pairs.map {
          NamedTensor(name: $0.name, declaration: declaration, tiedTo: $0.owner)
        }
      }
    }
    return tensors
  }

  /// The unfolded second names, each with its owner's; `nil` when there are too many.
  ///
  /// Lists that both paths go through together, being the same owner's, advance together.
  private func names(
    of member: TieMember, and group: TieGroup, limit: Int
  ) -> [(name: String, owner: String)]? {
    guard member.count <= limit else { return nil }
    let site = member.site.path.components
    let owner = group.path.components
    var shared = 0
    while shared < min(site.count, owner.count), site[shared] == owner[shared] { shared += 1 }
    // Behind the site, a layer's second name repeats the end of the owner's path.
    let name = member.path.components
    let tail = zip(name.dropFirst(site.count).reversed(), owner.reversed())
      .prefix { $0.0.elements == $0.1.elements }.count
    var pairs = [(name: "", owner: "")]
    func dotted(_ prefix: String, _ component: FoldedPath.Component, _ element: Int?) -> String {
      let parts = [component.name, element.map(String.init) ?? ""].filter { !$0.isEmpty }
      return parts.isEmpty
        ? prefix : (prefix.isEmpty ? "" : prefix + ".") + parts.joined(separator: ".")
    }
    func each(_ component: FoldedPath.Component) -> [Int?] {
      component.elements.map { $0.map(Optional.some) } ?? [nil]
    }
    for (ours, theirs) in zip(name.prefix(shared), owner.prefix(shared)) {
      pairs = pairs.flatMap { pair in
        each(ours).map { (dotted(pair.name, ours, $0), dotted(pair.owner, theirs, $0)) }
      }
    }
    for component in owner[shared..<max(shared, owner.count - tail)] {
      // One element here, whatever the site: several would be one name for several weights.
      let element = component.elements?.lowerBound
      pairs = pairs.map { ($0.name, dotted($0.owner, component, element)) }
    }
    for component in name[shared..<max(shared, name.count - tail)] {
      pairs = pairs.flatMap { pair in
        each(component).map { (dotted(pair.name, component, $0), pair.owner) }
      }
    }
    for (ours, theirs) in zip(name.suffix(tail), owner.suffix(tail)) {
      pairs = pairs.flatMap { pair in
        each(ours).map { (dotted(pair.name, ours, $0), dotted(pair.owner, theirs, $0)) }
      }
    }
    return pairs
  }
}
