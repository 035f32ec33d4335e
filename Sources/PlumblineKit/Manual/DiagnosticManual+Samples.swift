// DiagnosticManual+Samples: models that can't write, and prompts with which they can't begin.
// Found before the first token, but for logits that are no numbers.

extension DiagnosticManual {
  static var samples: [Entry] {
    [
      Entry(
        "not-causal",
        """
        An operation lets a row of the sequence read rows that come after it, and nothing shows that a
        mask hides them. A model writes from left to right, so later rows are not there yet; a model
        that was trained to see them, such as BERT, has nothing to say about the next token.
        """,
        example: "softmax over scores that no mask_future has gone through",
        remedy: """
          Sample from a model that looks back only. In a model of your own, mask later keys with
          minus infinity by `mask_future`, or by comparing positions.
          """),
      Entry(
        "length-decides",
        """
        What a row computes depends on how long the sequence is, so keys and values that were kept
        would be wrong as soon as it grows. Rotary positions that stretch with the length beyond the
        trained context do this.
        """,
        example: "rope_scaling of kind dynamic, and a context longer than the trained one",
        remedy: """
          Keep within the length up to which nothing changes with `--context`, or compute every row
          anew for each token with `--no-cache`.
          """),
      Entry(
        "no-decoding-step",
        """
        An operation on the axis of the sequence has no known form that computes one row after the
        other, such as cutting the sequence into pieces or putting something before it.
        """,
        example: "rearrange(x : b (n w) d -> b n w d, w = 16), with the sequence cut into windows",
        remedy: """
          `--no-cache` computes all rows anew for each token, which needs no such form. That no row
          sees later ones is then tried on a few tokens, and not proved.
          """),
      Entry(
        "no-language-model",
        """
        The model's inputs or outputs are not those of a model that writes: one sequence of ids, and a
        row of logits for each of them.
        """,
        example: "an encoder-decoder, which reads two sequences",
        remedy: """
          Sample from a model with a forward such as (ids: i32[B, T]) -> logits: [B, T, vocab].
          """),
      Entry(
        "no-weights",
        "There are no weights to write with: none beside the model, or the run has made no step yet.",
        example: "plumbline sample models/gpt2.model",
        remedy: "Say where the weights are with `--weights FILE`, or train the model first."),
      Entry(
        "run-incomplete",
        "The folder of a run lacks a file that its state.json names, or the state can't be read.",
        example: "a folder into which state.json was copied without the weights",
        remedy: "Copy the whole folder, or train again."),
      Entry(
        "no-vocabulary",
        """
        A prompt is text, but no vocabulary.json lies beside the weights, so nothing says which ids its
        symbols have. Tokenisers of other libraries are not read.
        """,
        example: "plumbline sample Fixtures/numeric/1_gpt2 --prompt hello",
        remedy: """
          Give the prompt as ids with `--ids 1,2,3`, or name a vocabulary with `--vocabulary`.
          """),
      Entry(
        "vocabulary-beyond-model",
        "The vocabulary has more symbols than the model has logits, so it belongs to other weights.",
        example: "a vocabulary of 300 symbols beside a model of 256",
        remedy: "Use the vocabulary that was written beside the weights."),
      Entry(
        "empty-prompt",
        "The prompt has no token, but the first token that is written needs one before it.",
        example: "plumbline sample run --prompt \"\"",
        remedy: "Begin with something; a new line will do."),
      Entry(
        "invalid-context",
        "A context must hold at least one token.",
        example: "--context 0",
        remedy: "Give a length, or leave the option out."),
      Entry(
        "context-too-long",
        """
        The context that is asked for is longer than the model's: positions beyond its table have no
        row.
        """,
        example: "--context 2048 for a model with 1,024 positions",
        remedy: "Ask for no more than the model has, or leave the option out."),
      Entry(
        "logits-not-finite",
        "The model made logits that are NaN or infinite, from which no token can be chosen.",
        example: "weights of a run whose loss became NaN",
        remedy: "Go back to weights from before the loss left its course."),
    ]
  }
}
