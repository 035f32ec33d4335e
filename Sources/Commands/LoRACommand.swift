// LoRACommand: `plumbline lora`, an adapter on a model before anything is trained.
// Resolution, counts and rules are made in Validation; here the options become a description.
import Analysis
import Diagnostics
import IR
import Language
import PlumblineKit
import Validation

extension Command {
  /// `plumbline lora FILE`.
  static var lora: Command {
    Command(
      CommandSpecification(
        name: "lora", summary: "Resolve a LoRA adapter on a model: sites, counts, work and memory",
        operand: .model, options: AdapterOptions.all,
        details: [
          "Names are matched by PEFT's rules: a name in a list means every layer whose dotted name",
          "ends in it; an expression must match the whole name. Without targets the family's are",
          "taken. `--config` reads PEFT's adapter_config.json; options change what it says.",
        ],
        example: "plumbline lora models/gpt2.model --rank 8 --targets c_attn,c_proj")
    ) { (invocation: Invocation) throws(CommandFailure) -> Outcome in
      let options = AdapterOptions(invocation)
      var status = ExitStatus.clean
      let stated = try options.stated("explain-total")
      var failure: CommandFailure?
      var outcome = try invocation.report { loaded, model in
        var sources = loaded.sources
        let request: AdapterRequest
        do throws(CommandFailure) {
          request = try options.request(in: &sources)
        } catch {
          failure = error
          return ""
        }
        let answer = try answer(request, loaded, model, stated, invocation, sources)
        status = answer.status
        return answer.text
      }
      if let failure { throw failure }
      outcome.status = max(outcome.status, status)
      return outcome
    }
  }

  private static func answer(
    _ request: AdapterRequest, _ loaded: LoadedModel, _ model: ElaboratedModel, _ stated: Int?,
    _ invocation: Invocation, _ sources: SourceMap
  ) throws -> (text: String, status: ExitStatus) {
    let inventory = try ModuleInventory(model.program, family: loaded.family)
    let search = stated.map { TotalSearch($0, in: inventory) }
    var findings = request.diagnostics
    var report: AdapterReport?
    let isReadable = !findings.contains { $0.severity == .error }
    if isReadable, !(request.isEmpty && search != nil) {
      do {
        var subject = try AdapterSubject(request.description, on: inventory)
        subject.claims = request.claims
        subject.serving = request.serving
        findings += AdapterRules.findings(in: subject)
        report = AdapterReport(
          subject, program: model.program,
          sizes: AdapterSizes(model.program, given: loaded.sizes))
      } catch {
        findings.append(unreadable(error, request.description))
      }
    }
    findings += loaded.ruleFindings.filter { finding in
      AdapterRules.all.contains { $0.id == finding.id }
    }
    let hasErrors = findings.contains { $0.severity == .error }
    let isStrict = invocation.arguments.has("strict")
    let status: ExitStatus =
      hasErrors || isStrict && findings.contains { $0.severity == .warning } ? .findings : .clean
    if invocation.wantsJSON, let report {
      return (try report.json(findings: findings, explaining: search), status)
    }
    if invocation.wantsJSON, search == nil {
      return (JSONRenderer.render(findings, in: sources), status)
    }
    var parts: [String] = []
    if let report, report.subject.counts != nil { parts.append(report.text) }
    if let search {
      let alone = try? AdapterReport(
        AdapterSubject(AdapterDescription(), on: inventory), program: model.program,
        sizes: AdapterSizes(model.program, given: loaded.sizes))
      if invocation.wantsJSON, let alone {
        return (try alone.json(findings: findings, explaining: search), status)
      }
      parts.append(search.text)
    }
    if !findings.isEmpty {
      parts.append(
        TerminalRenderer(color: invocation.surroundings.color).render(findings, in: sources))
    }
    return (parts.joined(separator: "\n"), status)
  }

  private static func unreadable(
    _ fault: PatternFault, _ description: AdapterDescription
  ) -> Diagnostic {
    var range: SourceRange?
    if case .names(.pattern(let pattern)) = description.targets { range = pattern.range }
    return Diagnostic(
      id: "adapter-pattern-unreadable",
      message: "a regular expression of the adapter can't be read: \(fault.message)",
      range: range, facts: [.line("at character \(fault.position) of the expression")])
  }
}
