// SVG: the elements and tones that all pictures are made of.
// Apart from the pictures, so that numbers and hostile names are written in one way.
import Diagnostics

/// Elements of a drawing as text.
package enum SVG {
  /// Tones that stay apart for most eyes; Okabe and Ito's, without their yellow.
  package static let colors = [
    "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#000000", "#7b5ea7",
  ]
  package static let dashes = ["", "8 4", "2 3", "10 3 2 3"]

  /// The head of a picture 1000 wide, its title and description shown and said.
  package static func head(_ title: String, _ description: String, height: Double) -> [String] {
    let height = number(height)
    return [
      #"<?xml version="1.0" encoding="UTF-8"?>"#,
      ##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1000 \##(height)" width="1000" "##
        + ##"height="\##(height)" role="img" aria-labelledby="title description" "##
        + ##"font-family="system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif" "##
        + ##"font-size="13">"##,
      #"<title id="title">\#(escaped(title))</title>"#,
      #"<desc id="description">\#(escaped(description))</desc>"#,
      ##"<rect width="1000" height="\##(height)" fill="#ffffff"/>"##,
      text(title, 24, 32, #"font-size="18" font-weight="600""#),
      text(description, 24, 53, ##"fill="#57606a""##),
    ]
  }

  package static func line(
    _ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ style: String
  ) -> String {
    #"<line x1="\#(number(x1))" y1="\#(number(y1))" x2="\#(number(x2))" y2="\#(number(y2))" \#(style)/>"#
  }

  package static func text(
    _ text: String, _ x: Double, _ y: Double, _ style: String
  ) -> String {
    #"<text x="\#(number(x))" y="\#(number(y))" \#(style)>\#(escaped(text))</text>"#
  }

  package static func circle(_ x: Double, _ y: Double, _ radius: Double, _ style: String) -> String
  {
    #"<circle cx="\#(number(x))" cy="\#(number(y))" r="\#(number(radius))" \#(style)/>"#
  }

  /// Two decimals, none where they are zero.
  package static func number(_ value: Double) -> String {
    let text = Figures.fixed(value, places: 2)
    return text.hasSuffix(".00") ? String(text.dropLast(3)) : text
  }

  /// The text as XML holds it; names come from files and may be anything.
  package static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in DisplayText.safe(text).unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      // The two that XML forbids beside control characters.
      case "\u{FFFE}", "\u{FFFF}": result += "\u{FFFD}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
