// FixApplier: carries out edits on a text, all or none.
// Apart from FixIt so that what a fix says and how it is applied can be read separately.

/// Why edits cannot be applied.
package enum FixConflict: Error, Hashable, Sendable {
  /// Two edits touch the same bytes, or insert different texts at the same place.
  case overlap(Edit, Edit)
  /// An edit lies outside the text or cuts a character in two.
  case outOfBounds(Edit)
  /// An edit belongs to another file than the first one.
  case otherFile(Edit)
}

/// What became of several fixes.
package struct FixOutcome: Hashable, Sendable {
  /// The new text of every file that changed.
  package var texts: [SourceID: String] = [:]
  /// The fixes that were applied, in the order given.
  package var applied: [FixIt] = []
  /// The fixes left out because they conflict with an applied one or do not fit the text.
  package var refused: [FixIt] = []
}

/// The application of fixes to texts.
package enum FixApplier {
  /// The text with every edit applied; edits given twice count once.
  ///
  /// - Throws: ``FixConflict`` when two edits overlap or one does not fit the text.
  package static func apply(
    _ edits: [Edit], to file: SourceFile
  ) throws(FixConflict) -> String {
    let ordered = try arranged(edits, for: file)
    var result: [UInt8] = []
    result.reserveCapacity(file.bytes.count)
    var position = 0
    for edit in ordered {
      result.append(contentsOf: file.bytes[position..<edit.range.lower])
      result.append(contentsOf: edit.replacement.utf8)
      position = edit.range.upper
    }
    result.append(contentsOf: file.bytes[position...])
    return String(decoding: result, as: UTF8.self)
  }

  /// The text with every edit applied; edits given twice count once.
  ///
  /// - Throws: ``FixConflict`` when two edits overlap or one does not fit the text.
  package static func apply(_ edits: [Edit], to text: String) throws(FixConflict) -> String {
    try apply(edits, to: SourceFile(path: "", text: text))
  }

  /// Applies fixes in order, each all or none, and leaves out those that conflict.
  package static func apply(_ fixes: [FixIt], in sources: SourceMap) -> FixOutcome {
    var outcome = FixOutcome()
    var accepted: [SourceID: [Edit]] = [:]
    for fix in fixes {
      var tentative = accepted
      for edit in fix.edits { tentative[edit.range.source, default: []].append(edit) }
      let touched = Set(fix.edits.map(\.range.source))
      let fits = touched.allSatisfy { source in
        guard let file = sources.file(source) else { return false }
        return (try? arranged(tentative[source] ?? [], for: file)) != nil
      }
      if fits, !fix.edits.isEmpty {
        accepted = tentative
        outcome.applied.append(fix)
      } else {
        outcome.refused.append(fix)
      }
    }
    for (source, edits) in accepted {
      if let file = sources.file(source), let text = try? apply(edits, to: file) {
        outcome.texts[source] = text
      }
    }
    return outcome
  }

  /// The edits in the order of the text, each once, checked against `file` and one another.
  static func arranged(
    _ edits: [Edit], for file: SourceFile
  ) throws(FixConflict) -> [Edit] {
    let sorted = edits.enumerated().sorted { left, right in
      let (first, second) = (left.element.range, right.element.range)
      return (first.lower, first.upper, left.offset) < (second.lower, second.upper, right.offset)
    }
    var result: [Edit] = []
    for (_, edit) in sorted {
      if let first = edits.first, edit.range.source != first.range.source {
        throw .otherFile(edit)
      }
      let range = edit.range
      guard range.upper <= file.bytes.count,
        file.scalarStart(atOrBefore: range.lower) == range.lower,
        file.scalarStart(atOrBefore: range.upper) == range.upper
      else { throw .outOfBounds(edit) }
      if let previous = result.last {
        if previous == edit { continue }
        let sameInsertion = previous.range == range && range.isEmpty
        if previous.range.upper > range.lower || sameInsertion { throw .overlap(previous, edit) }
      }
      result.append(edit)
    }
    return result
  }
}
