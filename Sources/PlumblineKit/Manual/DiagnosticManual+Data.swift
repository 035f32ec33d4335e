// DiagnosticManual+Data: texts and files of tokens that can't be trained on.
// All of them are found before the first step.

extension DiagnosticManual {
  static var data: [Entry] {
    [
      Entry(
        "data-empty",
        "A file of data holds nothing.",
        example: "a train.bin of 0 bytes, left by a tokeniser that broke off",
        remedy: "Write the data again, or give another file."),
      Entry(
        "data-too-short",
        """
        A split has fewer tokens than one block and the token after it, which the last position of the
        block has to predict.
        """,
        example: "a validation split of 100 tokens for blocks of 128",
        remedy: "Give more data, shorten the block, or keep a larger share for validation."),
      Entry(
        "data-not-text",
        """
        A file that is read as text holds a zero byte or is no UTF-8, as files of tokens and pictures
        are.
        """,
        example: "--data tokens.dat, written by numpy's tofile",
        remedy: """
          Read it as tokens with `--data-format tokens`, or byte by byte with `--level byte`.
          """),
      Entry(
        "data-not-tokens",
        """
        A file that is read as raw ids of two or four bytes is a text, or has ids of another width:
        read so, every id would be wrong and most of them still be below the vocabulary.
        """,
        example: "a text that is called train.bin",
        remedy: "Name the format with `--data-format`, and the width with `--tokens`."),
      Entry(
        "data-partial-token",
        "The size of a file of tokens is no multiple of an id's size.",
        example: "a file of 1,001 bytes with ids of uint16",
        remedy: "Copy the file again: it was cut off, or holds something else than ids."),
      Entry(
        "token-out-of-range",
        """
        An id is not below the size of the model's vocabulary, so that its embedding does not exist. All
        ids are looked at before the first step.
        """,
        example: "id 50,300 for a vocabulary of 50,257",
        remedy: """
          Tokenise with the model's tokeniser, give the model the vocabulary of the tokeniser, or name
          the width with which the file was written.
          """),
      Entry(
        "token-width-too-narrow",
        "Ids of two bytes can't name all tokens of a vocabulary of more than 65,536.",
        example: "--tokens uint16 for a vocabulary of 128,256",
        remedy: "Write the file with four bytes an id, and say `--tokens uint32`."),
      Entry(
        "symbol-not-in-vocabulary",
        """
        A text has a character or byte that the vocabulary saved with the weights does not; the message
        says which, in which line and column.
        """,
        example: "a prompt with `é` for a model trained on plain English",
        remedy: "Leave the symbol out, or train with a text that has it."),
      Entry(
        "vocabulary-too-large",
        "A text has more different symbols than the model has ids.",
        example: "a text of 101 characters for a model with `vocab = 65`",
        remedy: "Give the model a larger vocabulary, or read the text at byte level with 256 ids."),
      Entry(
        "invalid-vocabulary",
        "A `vocabulary.json` has no symbols, a symbol twice, or another form.",
        example: #"{"kind": "character", "symbols": ["ab"]}"#,
        remedy: "Use the file that was written beside the weights."),
      Entry(
        "log-not-written",
        "The log of a run can't be written; the message gives the reason of the system.",
        example: "a full disk, or a folder that is read-only",
        remedy: "Make room or choose another folder, and resume from the last checkpoint."),
    ]
  }
}
