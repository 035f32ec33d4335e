// TrainingRequest: what a run of `plumbline train` is asked to do.
// Values only, so that a command line, a Swift program and a folder to resume all end here.
import Execution
import Language
import Training

/// A run to be made.
package struct TrainingRequest: Hashable, Sendable {
  /// A text, a `.bin` of ids, a directory of train and val, or batches by name in safetensors.
  package var data: String
  /// The folder of the run; `nil` for one that leaves nothing behind.
  package var output: String?
  /// Weights to begin with; the model's initialisers make them unless told.
  package var weights: String?
  /// Numbers below zero are filled from the length of the run.
  package var settings = RunSettings()
  package var threads = ProcessorCount.available()
  package var overwrites = false

  package init(data: String, output: String? = nil) {
    self.data = data
    self.output = output
  }

  /// The request with what follows from the length of the run: a validation twenty times, at most
  /// every fifty updates, and a checkpoint ten times, at least every thousand.
  package func filled(for plan: TrainingPlan) -> TrainingRequest {
    var request = self
    let steps = Int(plan.optimizerSteps.map { min($0, 1e12) } ?? 1000)
    if settings.evaluateEvery < 0 { request.settings.evaluateEvery = max(steps / 20, 50) }
    if settings.saveEvery < 1 { request.settings.saveEvery = min(max(steps / 10, 1), 1000) }
    return request
  }

  /// How the data are read.
  func corpus(for vocabulary: Int?, known: Vocabulary?) -> CorpusRequest {
    var request = CorpusRequest(path: data)
    request.format = CorpusRequest.Format(rawValue: settings.format) ?? .automatic
    request.level = Vocabulary.Level(rawValue: settings.level) ?? .character
    request.width = settings.width.flatMap { TokenWidth(rawValue: $0) }
    request.validationShare = settings.validationShare
    request.vocabulary = known
    request.modelVocabulary = vocabulary
    return request
  }
}
