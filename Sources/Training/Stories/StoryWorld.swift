// StoryWorld: the people, animals, things and places of one story, in every form of their names.
// Grammar stands here: articles, pronouns and verbs follow from what a thing is.
import Execution

/// A man or boy, a woman or girl, one thing or several.
enum StoryGender: Sendable {
  case he
  case she
  case it
  case they

  /// A pronoun or verb that follows from it.
  func form(_ name: String) -> String? {
    let forms: (String, String, String, String)? =
      switch name {
      case "he", "it", "they": ("he", "she", "it", "they")
      case "him", "them": ("him", "her", "it", "them")
      case "his", "its": ("his", "her", "its", "their")
      case "himself": ("himself", "herself", "itself", "themselves")
      case "was": ("was", "was", "was", "were")
      case "is": ("is", "is", "is", "are")
      case "has": ("has", "has", "has", "have")
      case "one": ("one", "one", "one", "ones")
      default: nil
      }
    guard let forms else { return nil }
    return switch self {
    case .he: forms.0
    case .she: forms.1
    case .it: forms.2
    case .they: forms.3
    }
  }
}

/// One thing of a story.
struct StoryThing: Sendable {
  private var gender = StoryGender.it
  private var forms: [String: String]

  /// Somebody with a name of one's own.
  init(name: String, gender: StoryGender, kind: String, trait: String) {
    self.gender = gender
    forms = [
      "": name, "name": name, "kind": kind, "a": Self.indefinite("\(trait) \(kind)"),
      "the": "the \(trait) \(kind)",
    ]
  }

  /// Somebody known by what they are.
  init(person: String, gender: StoryGender) {
    self.gender = gender
    forms = ["": person]
  }

  /// Something: `+apples` are several, `~bread` can't be counted.
  init(noun: String, trait: String?) {
    let isMany = noun.hasPrefix("+")
    let isMass = noun.hasPrefix("~")
    let bare = isMany || isMass ? String(noun.dropFirst()) : noun
    let full = trait.map { "\($0) \(bare)" } ?? bare
    gender = isMany ? .they : .it
    forms = [
      "": full, "n": bare, "the": "the \(bare)", "full": "the \(full)",
      "a": isMany || isMass ? "some \(full)" : Self.indefinite(full),
    ]
  }

  /// Words with forms that are spelled out, `in the meadow;to the meadow;the meadow`.
  init(forms list: String, names: [String]) {
    forms = [:]
    let parts = list.split(separator: ";", omittingEmptySubsequences: false).map(String.init)
    for (name, part) in zip(names, parts) { forms[name] = part }
  }

  /// A form of the thing's name, or of the words that stand for it.
  func form(_ name: String) -> String? { forms[name] ?? gender.form(name) }

  /// With `a` or `an`, by the letter: no word of the lists is spoken otherwise than it is spelled.
  private static func indefinite(_ text: String) -> String {
    let vowels = "aeiou"
    return (text.first.map { vowels.contains($0) } ?? false ? "an " : "a ") + text
  }
}

/// The things of one story.
struct StoryWorld {
  private var things: [String: StoryThing] = [:]
  /// Whether the story has said who {B} is.
  private var isFriendKnown = false

  init(_ names: [(name: String, list: String)], _ bits: inout RandomBits) {
    var taken: [String: Set<Int>] = [:]
    func pick(_ list: String) -> String {
      let words = StoryWords.list(list)
      var index = bits.below(words.count)
      // Two of a kind are two different ones.
      while taken[list, default: []].contains(index) { index = (index + 1) % words.count }
      taken[list, default: []].insert(index)
      return words[index]
    }
    func somebody(_ gender: StoryGender) -> StoryThing {
      let name = pick(gender == .he ? "boy" : "girl")
      let isChild = bits.below(2) == 0
      let kind = isChild ? (gender == .he ? "boy" : "girl") : pick("creature")
      return StoryThing(name: name, gender: gender, kind: kind, trait: pick("trait"))
    }
    // Hero and friend are he and she, so that a pronoun says who is meant.
    let hero: StoryGender = bits.below(2) == 0 ? .he : .she
    things["A"] = somebody(hero)
    things["B"] = somebody(hero == .he ? .she : .he)
    let elders = [("C", "family"), ("D", "neighbour"), ("h", "home")]
    for (name, list) in elders + names.map({ ($0.name, $0.list) }) {
      let word = pick(list)
      things[name] =
        switch list {
        case "family", "neighbour":
          StoryThing(
            person: String(word.dropFirst(2)), gender: word.hasPrefix("m ") ? .he : .she)
        case "home": StoryThing(forms: word, names: ["at"])
        case "place": StoryThing(forms: word, names: ["at", "to", "", "from"])
        default:
          if let names = StoryWords.forms[list] {
            StoryThing(forms: word, names: names)
          } else {
            StoryThing(noun: word, trait: StoryWords.traits[list].map(pick))
          }
        }
    }
  }

  /// Tells a template.
  mutating func tell(
    _ template: StoryTemplate, into text: inout StoryText, _ bits: inout RandomBits
  ) {
    tell(template.parts, into: &text, &bits)
  }

  private mutating func tell(
    _ parts: [StoryTemplate.Part], into text: inout StoryText, _ bits: inout RandomBits
  ) {
    for part in parts {
      switch part {
      case .text(let words): text.append(words)
      case .word(let list):
        let words = StoryWords.list(list)
        text.append(words[bits.below(words.count)])
      case .fragment(let list):
        let templates = StoryFragments.list(list)
        tell(templates[bits.below(templates.count)], into: &text, &bits)
      case .choice(let choices): tell(choices[bits.below(choices.count)], into: &text, &bits)
      case .thing(let name, let form):
        guard let words = things[name]?.form(form) else {
          preconditionFailure("no story has the form `\(form)` of `\(name)`")
        }
        if name == "B" {
          // A friend who was not told about yet is at least said to be one.
          if form.isEmpty, !isFriendKnown {
            text.append((things["A"]?.form("his") ?? "") + " friend ")
          }
          isFriendKnown = true
        }
        text.append(words)
      }
    }
  }
}
