// CommandLineModelsTests: `plumbline models` and `plumbline init`: what comes with the tool.
// Every file that can be started from is started from, and must mean the same without imports.
import Architectures
import Commands
import Diagnostics
import Foundation
import Language
import PlumblineKit
import Testing

@Suite struct CommandLineModelsTests {
  @Test("every embedded model is listed with its family and its count")
  func models() throws {
    let outcome = plumbline("models", "--format", "json")
    let object = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8))
    let models = try #require((object as? [String: Any])?["models"] as? [[String: Any]])
    #expect(models.compactMap { $0["file"] as? String } == Architectures.all.map(\.name))
    let gpt = try #require(models.first { $0["name"] as? String == "gpt2" })
    #expect(gpt["family"] as? String == "gpt2")
    // transformers 4.57.6: total_unique of gpt2.
    #expect(gpt["parameters"] as? Int == 124_439_808)
    #expect((gpt["config"] as? [String: String])?["layers"] == "12")
    let text = plumbline("models").output
    #expect(text.contains("gpt2-xl") && text.contains("1,557,611,200"))
    #expect(text.contains("width 1,600") && text.contains("models/gpt2-xl.model"))
  }

  @Test("a started file stands alone and is sound", arguments: StartingFile.names)
  func start(_ name: String) throws {
    let file = try #require(StartingFile(named: name))
    #expect(file.isSelfContained, "\(name) still imports")
    #expect(!file.text.contains("\nimport "))
    let folder = try TemporaryFolder()
    let outcome = plumbline("check", try folder.file("my.model", file.text))
    #expect(outcome.status == .clean, "\(outcome.output)")
    #expect(!outcome.output.contains("error["))
    var map = SourceMap()
    let source = map.add(path: "my.model", text: file.text)
    #expect(Formatter.format(Parser.parse(source, in: map).0, map) == file.text)
  }

  @Test("a started file describes its family beside a config")
  func family() throws {
    let folder = try TemporaryFolder()
    let text = try #require(StartingFile(named: "gemma2")).text
    let own = text.replacing("family \"gemma2\"", with: "family \"mine\"")
    #expect(own != text)
    _ = try folder.file("my.model", own)
    let config = try folder.file("config.json", #"{"model_type": "mine", "num_hidden_layers": 2}"#)
    let outcome = plumbline("check", config)
    #expect(outcome.status == .clean, "\(outcome.output)")
  }

  @Test("without a name there is a list, and an unknown name gets the nearest")
  func names() {
    let list = plumbline("init")
    #expect(list.status == .clean)
    for name in StartingFile.names { #expect(list.output.contains("  \(name) ")) }
    let unknown = plumbline("init", "lama")
    #expect(unknown.status == .usage)
    #expect(unknown.errors.contains("there is no model `lama`; nearest: llama"))
    #expect(plumbline("init", "qwen9").errors.contains("qwen2, qwen3"))
  }
}
