// TrainingLookTests: the looks before a run, the model that a run keeps, and the library's form.
// Apart from the runs themselves, which these begin and throw away.
import Commands
import Foundation
import PlumblineKit
import Testing
import Training

@Suite struct TrainingLookTests {
  let folder: TemporaryFolder
  let model: String
  let data: String

  init() throws {
    folder = try TemporaryFolder()
    model = try folder.file("tiny.model", TrainingSample.model)
    data = try folder.file("text.txt", TrainingSample.text)
  }

  private func train(_ words: String...) -> Outcome {
    CommandLineTool.run(
      ["train", model, "--data", data, "--threads", "1"] + words, in: plumblineSurroundings)
  }

  @Test("a dry run shows plan, memory, the first batch and a first loss that is that of guessing")
  func dry() throws {
    let found = train("--dry-run")
    #expect(found.status == .clean, "\(found.output)")
    for part in [
      "40 of 16 targets", "planned to the byte", "ln 32 = 3.4657: that of guessing", "a step takes",
      "0 at 0", "symbols (character level)",
    ] {
      #expect(found.output.contains(part), "\(part) in \(found.output)")
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count == 2)
  }

  @Test("one batch is learnt by heart, and a rate without effect is told")
  func overfit() throws {
    let gpt = try folder.file("gpt.model", TrainingSample.gpt)
    let words = ["train", gpt, "--data", data, "--threads", "1", "--overfit-batch"]
    let found = CommandLineTool.run(words + ["--steps", "600"], in: plumblineSurroundings)
    #expect(found.status == .clean && found.output.contains("the batch is learnt"), "\(found)")
    let lazy = train("--overfit-batch", "--rate", "1e-7", "--schedule", "constant")
    #expect(lazy.status == .findings && lazy.output.contains("is not learnt"), "\(lazy)")
  }

  @Test("the rate range finds where the loss falls and where it diverges, and draws it")
  func range() throws {
    let picture = folder.path + "/range.svg"
    let found = train("--rate-range", picture, "--steps", "300", "--schedule", "constant")
    #expect(found.status == .clean, "\(found.output)")
    #expect(found.output.contains("suggested: --rate"))
    #expect(found.output.contains("diverges at a rate"))
    let svg = try folder.text(picture)
    #expect(svg.hasPrefix("<?xml") && svg.contains("class=\"smooth\"") && svg.hasSuffix("</svg>\n"))
    #expect(XMLCheck.isWellFormed(svg))
  }

  @Test("two looks at once, a run without a folder and resume with other options are refused")
  func usage() {
    #expect(train("--dry-run", "--overfit-batch").status == .usage)
    #expect(train().errors.contains("--out DIR"))
    #expect(plumbline("train", "--resume", "--out", "nowhere").output.contains("no-run"))
    #expect(plumbline("train", "--resume", "--out", "x", "--rate", "1").status == .usage)
  }

  @Test("flags and settings stand in the model that is kept, claims that they break do not")
  func effective() throws {
    let text = TrainingSample.model.replacing(
      "  forward", with: "  expect parameters == 944\n\n  forward")
    let loaded = Workspace.load(
      path: "tiny.model", text: text, settings: [Setting(name: "width", value: "16")])
    var overrides = TrainingOverrides()
    overrides.rate = 3e-3
    overrides.batch = ["B": 4]
    overrides.accumulate = 2
    overrides.seed = 9
    let kept = try EffectiveModel(loaded, overrides)
    #expect(kept.droppedClaims == 1)
    for part in ["width = 16", "rate: 3e-3", "B = 4, T = 8, accumulate 2", "seed      9"] {
      #expect(kept.text.contains(part), "\(part) in \(kept.text)")
    }
    #expect(!kept.text.contains("expect"))
    #expect(kept.plan.tokensPerStep == 64)
    // What is kept is its own effective model.
    let again = try EffectiveModel(
      Workspace.load(path: "model.model", text: kept.text), TrainingOverrides())
    #expect(again.text == kept.text)
  }

  @Test(
    "every model with a section, imports and all, is kept as one file that means the same",
    arguments: ["character-gpt", "tinystories", "gpt2-lora"])
  func families(name: String) throws {
    let loaded = try Workspace.load(packagePath("models/\(name).model"))
    let kept = try EffectiveModel(loaded, TrainingOverrides())
    #expect(!kept.text.contains("import \""))
    #expect(kept.plan.optimizerSteps == loaded.model?.plan?.optimizerSteps)
    #expect(kept.loaded.model?.program.loss != nil)
  }

  @Test("an error of a rule stops the start, unless it is allowed and then written down")
  func allow() throws {
    let wrong = ["--schedule", "constant 5 steps, then linear to 1e-1 at step 40"]
    let out = folder.path + "/run"
    let words = ["train", model, "--data", data, "--out", out, "--threads", "1"] + wrong
    let stopped = CommandLineTool.run(words, in: plumblineSurroundings)
    #expect(stopped.status == .findings && stopped.output.contains("floor-above-peak"))
    #expect(!FileManager.default.fileExists(atPath: out))
    let allowed = CommandLineTool.run(
      words + ["--allow", "floor-above-peak"], in: plumblineSurroundings)
    #expect(allowed.status == .clean, "\(allowed.output)")
    #expect(plumbline("check", out + "/model.model").status == .clean)
    let unknown = CommandLineTool.run(
      words + ["--allow", "floor-above-peek"], in: plumblineSurroundings)
    #expect(unknown.output.contains("did you mean `floor-above-peak`"))
  }

  @Test("a loss that moves labels itself is given the tokens, another one their successors")
  func shift() throws {
    let inside = TrainingSample.model.replacing(
      "cross_entropy(logits : b t [v], targets: i32[B, T])",
      with: "next_token_loss(logits, labels: i32[B, T])")
    let request = {
      var request = TrainingRequest(data: data)
      request.threads = 1
      return request
    }()
    for (text, shifts, targets) in [(TrainingSample.model, false, 16), (inside, true, 14)] {
      let effective = try EffectiveModel(
        Workspace.load(path: "tiny.model", text: text), TrainingOverrides())
      let session = try TrainingSession(effective, request)
      let inputs = try #require(session.inputs)
      #expect(inputs.shiftsInside == shifts)
      let batch = session.source.batch(0)
      let (tokens, labels) = (batch.inputs[inputs.tokens], batch.inputs[inputs.targets])
      #expect(batch.keptTargets == targets)
      #expect((tokens?.indices == labels?.indices) == shifts)
      if !shifts { #expect(tokens?.indices.dropFirst().first == labels?.indices.first) }
    }
  }

  @Test("a Swift program trains, stops and goes on")
  func library() throws {
    var options = TrainingOptions()
    options.steps = 20
    options.schedule = "constant"
    options.threads = 1
    let out = folder.path + "/run"
    let first = try Plumbline.train(
      contentsOf: model, data: data, folder: out, options: options
    ) { $0.step < 8 }
    #expect(first.step == 8 && !first.isFinished)
    let second = try Plumbline.resumeTraining(in: out, threads: 1)
    #expect(second.step == 20 && second.isFinished)
    #expect(FileManager.default.fileExists(atPath: second.weights))
    do {
      _ = try Plumbline.train(contentsOf: model, data: data, folder: out, options: options)
      Issue.record("a second run in one folder")
    } catch let error as TrainingRefusal {
      #expect(error.findings == ["run-exists"])
    }
  }
}

/// Whether tags are closed in order; enough for pictures that are written by hand.
private enum XMLCheck {
  static func isWellFormed(_ text: String) -> Bool {
    var open: [Substring] = []
    for match in text.matches(of: /<(\/?)(\w+)([^>]*?)(\/?)>/) {
      if !match.1.isEmpty {
        guard open.popLast() == match.2 else { return false }
      } else if match.4.isEmpty {
        open.append(match.2)
      }
    }
    return open.isEmpty
  }
}
