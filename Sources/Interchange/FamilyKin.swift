// FamilyKin: which known families a name is like.
// Apart from the config, because the command line asks it too.
import Diagnostics

/// The search for families like a name.
package enum FamilyKin {
  /// The families most like a name, nearest first: typing errors, then names that begin alike.
  package static func names(like name: String, among known: [String]) -> [String] {
    let word = ModelClass.plain(String(name.prefix(64)))
    let letters = word.prefix { $0.isLetter }.count
    let alike = known.map { family in
      let shared = zip(word, ModelClass.plain(family)).prefix { $0 == $1 }.count
      return (shared: shared, surplus: family.count - shared, name: family)
    }.filter { $0.shared >= 3 && $0.shared >= min(letters, 5) }
      .sorted { ($1.shared, $0.surplus, $0.name) < ($0.shared, $1.surplus, $1.name) }
    let near = slip(name, among: known)
    return Array(([near].compactMap { $0 } + alike.map(\.name).filter { $0 != near }).prefix(3))
  }

  /// The family that a name is a slip for; another number is another version and no slip.
  package static func slip(_ name: String, among known: [String]) -> String? {
    Nearest.match(name, in: known.filter { $0.filter(\.isNumber) == name.filter(\.isNumber) })
  }
}
