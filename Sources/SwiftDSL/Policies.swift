// Policies: what a model decides about findings: `allow` and `treat`.
// Apart from other members because these say nothing of what the model computes.
import Diagnostics
import Language

/// `allow finding because "reason"` in a model.
public struct Allow: MemberSyntax {
  let policy: FindingPolicy

  /// Accepts the findings of an id, with the reason.
  public init(_ finding: String, because reason: String) {
    policy = FindingPolicy(finding, nil, reason)
  }

  /// The line as a member.
  public var members: [SyntaxMember] { [SyntaxMember(member: .policy(policy))] }
}

/// `treat finding as severity because "reason"` in a model.
public struct Treat: MemberSyntax {
  let policy: FindingPolicy

  /// Weighs the findings of an id as `error`, `warning` or `note`, with the reason.
  public init(_ finding: String, as severity: String, because reason: String) {
    policy = FindingPolicy(finding, severity, reason)
  }

  /// The line as a member.
  public var members: [SyntaxMember] { [SyntaxMember(member: .policy(policy))] }
}

extension FindingPolicy {
  /// A policy that stands nowhere yet.
  init(_ finding: String, _ severity: String?, _ reason: String) {
    self.init(
      id: Name(finding, .nowhere), severity: severity.map { Name($0, .nowhere) },
      reason: Name(reason, .nowhere), range: .nowhere)
  }
}
