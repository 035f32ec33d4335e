// DiagnosticManual+Checkpoints: what can be wrong with files of weights and between them and a config.
// Apart from models: most of these are decided by headers alone.

extension DiagnosticManual {
  static var checkpoints: [Entry] { storedTensors + shards + weightsAndModels }

  private static var storedTensors: [Entry] {
    [
      Entry(
        "checkpoint-unreadable",
        """
        A file of weights can't be opened, or its frame is broken, so that no tensor of it can
        be told: the length of the header, its JSON, the magic or the version. Nothing after
        that place is trusted.
        """,
        example: "a header whose length goes beyond the file",
        remedy: """
          Fetch or write the file again; the finding names the byte at which reading stopped.
          """),
      Entry(
        "tensor-declared-twice",
        """
        One name stands twice in a header or an index. Usual readers silently take one of the
        two, so that the other's values are lost.
        """,
        example: "\"h.0.ln_1.weight\": {…}, \"h.0.ln_1.weight\": {…}",
        remedy: """
          Find out which of the two was meant and write the file again without the other.
          """),
      Entry(
        "checkpoint-metadata-invalid",
        """
        The metadata of a file is not what its format allows: texts in a safetensors file, each
        key once in a GGUF file.
        """,
        example: "\"__metadata__\": {\"step\": 3}",
        remedy: "Write the metadata as texts, each key once."),
      Entry(
        "tensor-type-unknown",
        """
        A tensor has a number format that is not known, so that its bytes can't be counted.
        """,
        example: "\"dtype\": \"F48\"",
        remedy: "Convert the tensor to one of the formats that the finding lists."),
      Entry(
        "tensor-size-differs",
        """
        The shape and the number format of a tensor take another number of bytes than its
        offsets span, or more than can be counted.
        """,
        example: "\"dtype\": \"F32\", \"shape\": [33, 96], \"data_offsets\": [384, 12672]",
        remedy: """
          Write the file again with the tool that made it; editing the header alone would shift
          the values.
          """),
      Entry(
        "tensor-outside-file",
        """
        The offsets of a tensor run backwards, begin where none may, or end behind the file. A
        file that was not copied or fetched to its end looks like this.
        """,
        example: "\"data_offsets\": [105984, 118400] in a file with 117,400 bytes of data",
        remedy: "Fetch the file again and compare its size with what its source states."),
      Entry(
        "tensors-overlap",
        "Two tensors claim the same bytes, so that at least one of them is read wrongly.",
        example: "two tensors with \"data_offsets\": [384, 12672]",
        remedy: """
          Write the file again from the model; nothing in the file tells which tensor the bytes
          belong to.
          """),
      Entry(
        "checkpoint-bytes-unused",
        """
        Bytes of the file belong to no tensor. The safetensors format forbids it, since a file
        could hide something there, and readers refuse it.
        """,
        example: "64 bytes behind the last tensor",
        remedy: "Write the file again from its tensors."),
      Entry(
        "tensor-entry-invalid",
        "An entry of a header lacks a field, or a field holds something of another kind.",
        example: "\"shape\": [2, -3]",
        remedy: "Correct the entry, or write the file again."),
    ]
  }

  private static var shards: [Entry] {
    [
      Entry(
        "shard-index-invalid",
        """
        The index of a sharded checkpoint can't be read, or sends a tensor outside the
        directory. Nothing outside is ever opened.
        """,
        example: "\"lm_head.weight\": \"../../other.safetensors\"",
        remedy: """
          Write the index as the saver makes it: an object `weight_map` from tensors to files
          beside it.
          """),
      Entry(
        "shard-missing",
        """
        The index, or the numbers in the names of the shards, speak of a file that is not there.
        """,
        example: """
          an index that names `model-00002-of-00003.safetensors` in a directory without it
          """,
        remedy: "Fetch the missing shard; the finding names tensors that it holds."),
      Entry(
        "shard-lacks-tensor",
        """
        The index sends a tensor to a shard that doesn't hold it. Readers that go by the index
        don't find it.
        """,
        example: """
          "lm_head.weight": "model-00001-of-00003.safetensors" where the third shard holds it
          """,
        remedy: "Correct the line of the index; the finding says where the tensor really lies."),
      Entry(
        "shard-index-lacks-tensor",
        """
        A shard holds a tensor that the index doesn't name, so that readers which go by the
        index leave it out.
        """,
        example: "an index that was written before the last shard",
        remedy: "Add the tensor to the index, or write the index again."),
      Entry(
        "shard-total-differs",
        """
        `total_size` of the index is not the number of bytes that the shards hold. Nothing is
        read wrongly for it, but tools plan memory by it, and it shows that index and shards
        were not written together.
        """,
        example: "\"total_size\": 86912 where the shards hold 86,908 bytes",
        remedy: "Write the number that the finding states, or the index again."),
      Entry(
        "tensor-in-two-shards",
        """
        Two shards hold a tensor of the same name, and which of them is taken depends on the
        reader.
        """,
        example: "`lm_head.weight` in the first and in the last shard",
        remedy: "Remove one of the two, the one that the index doesn't name."),
      Entry(
        "shard-index-missing",
        "Shards lie in the directory without the index by which readers find tensors.",
        example: """
          `model-00001-of-00002.safetensors` and its second without
          `model.safetensors.index.json`
          """,
        remedy: "Fetch the index, or save the checkpoint again."),
    ]
  }

  private static var weightsAndModels: [Entry] {
    [
      Entry(
        "gguf-name-unknown",
        """
        A GGUF file has tensors that the table of names doesn't translate for its architecture,
        so that they can't be held against the model. What seems missing may be there under
        these names.
        """,
        example: "`blk.0.attn_k_b.weight` of an attention that was split after training",
        remedy: "Nothing; the headers were checked all the same."),
      Entry(
        "checkpoint-quantised",
        """
        Matrices are stored packed by a quantiser, as integers with scales beside them. Their
        stored shapes are the packing's, and the shapes of the weights were worked out from
        them.
        """,
        example: "`q_proj.qweight` I32 [512, 4096], `q_proj.scales`, `q_proj.qzeros`",
        remedy: """
          Nothing; give the quantiser's bits in `quantization_config` when shapes were worked
          out wrongly.
          """),
      Entry(
        "names-wrapped",
        """
        Every name begins with what a wrapper of the training puts there: data parallelism or
        compilation. Usual readers don't look through it and find not one tensor.
        """,
        example: "`module.transformer.wte.weight`, `_orig_mod.lm_head.weight`",
        remedy: """
          Save the state of the model inside the wrapper, or take the prefix off the names.
          """),
      Entry(
        "names-prefixed",
        """
        The names have a prefix that the model's names lack, or lack one. Hugging Face's reader
        looks through the prefix of a base model and only that.
        """,
        example: "`h.0.ln_1.weight` for the model's `transformer.h.0.ln_1.weight`",
        remedy: "Nothing, when the file is of the base model."),
      Entry(
        "further-layers-stored",
        """
        The file holds layers behind the last that predict further tokens, as the config
        announces. Usual readers leave them out.
        """,
        example: "`model.layers.61.eh_proj.weight` with \"num_nextn_predict_layers\": 1",
        remedy: "Nothing."),
      Entry(
        "checkpoint-fits-other-config",
        """
        The shapes in the file are those of another config. The finding names the values at
        which the tensors fit; they were found by solving the shapes of the model's own weights,
        and proved by making that model and comparing every tensor.
        """,
        example: "\"n_embd\": 40 beside weights of width 32",
        remedy: """
          Use the config that belongs to the file; the fix writes the values into the one beside
          it.
          """),
      Entry(
        "vocabulary-differs",
        """
        The embedding table has more or fewer rows than the config says. More, up to a multiple
        of 64 or 128, is padding for speed, and the config has to say so too.
        """,
        example: "a table of 50,304 rows with \"vocab_size\": 50257",
        remedy: """
          Write the number of rows into the config, and keep the ids of padding rows from being
          sampled.
          """),
      Entry(
        "layer-count-differs",
        """
        The file has more or fewer layers than the config makes. Readers leave the layers too
        many out, and fill the layers too few with random numbers.
        """,
        example: "24 layers in the file with \"n_layer\": 12",
        remedy: "Use the config that belongs to the file."),
      Entry(
        "tensor-transposed",
        """
        A matrix has the right sizes with its axes swapped. GPT-2's `Conv1D` stores [in, out]
        where a linear layer stores [out, in].
        """,
        example: "`c_attn.weight` [2304, 768] for a `Conv1D` of [768, 2304]",
        remedy: """
          Transpose the matrix when converting; square ones beside it too, although no shape
          shows it.
          """),
      Entry(
        "tensor-orientation-undecided",
        """
        A square matrix stands among matrices that are stored transposed. Its shape is the same
        either way, so that nobody can tell from the header how it lies.
        """,
        example: "`attn.c_proj.weight` [768, 768] beside a transposed `attn.c_attn.weight`",
        remedy: "Treat it as the matrices beside it; the tool that wrote the file knows."),
      Entry(
        "head-missing",
        """
        The file holds a base model, and the model here has a head on it. Hugging Face loads
        that on purpose: the head starts from random numbers.
        """,
        example: "weights of `BertModel` for \"architectures\": [\"BertForMaskedLM\"]",
        remedy: "Train the head, or take the file that has one."),
      Entry(
        "head-unused",
        """
        The file holds a head on the base model that is asked for, and readers leave it out.
        """,
        example: "weights of `BertForMaskedLM` for \"architectures\": [\"BertModel\"]",
        remedy: "Nothing, when only the base is wanted; else name the class with the head."),
      Entry(
        "tensor-shape-differs",
        """
        A tensor has another shape than the model's weight, and no values of the config explain
        it together with the others.
        """,
        example: "`h.3.mlp.c_fc.bias` [3071] where the config makes [3072]",
        remedy: """
          Compare the tool that wrote the tensor with the model; the finding shows how the
          config makes the shape.
          """),
      Entry(
        "tensor-missing",
        """
        The model has a weight that the file doesn't hold. Usual readers fill it with random
        numbers and only warn.
        """,
        example: "a file without `transformer.h.0.ln_1.weight`",
        remedy: "Fetch the whole checkpoint, or use the config of the model that was saved."),
      Entry(
        "tensor-unexpected",
        """
        The file holds a tensor for which the model has no place. Usual readers leave it out,
        and what was trained into it is lost.
        """,
        example: "`transformer.h.7.attn.c_attn.bogus.weight`",
        remedy: """
          Use the config and the class of the model that was saved, or remove the tensor.
          """),
      Entry(
        "stored-type-differs",
        """
        Most bytes are in another number format than `torch_dtype` says. Readers convert, which
        costs memory or loses digits.
        """,
        example: "float16 tensors with \"torch_dtype\": \"float32\"",
        remedy: """
          Write into the config what the file holds, or save it in the format that was meant.
          """),
      Entry(
        "stored-types-mixed",
        """
        One weight is stored in different number formats in different layers, as no training run
        writes it. Files that were merged look like this.
        """,
        example: "`h.3.mlp.c_fc.weight` float32 and those of the other layers bfloat16",
        remedy: "Save the model again in one format."),
      Entry(
        "mask-buffers-stored",
        """
        The file holds constants that old versions saved: causal masks, position numbers, rotary
        frequencies. They are no parameters, and readers make them anew.
        """,
        example: "`h.0.attn.bias` [1, 1, 1024, 1024]",
        remedy: "Nothing; leaving them out makes the file smaller."),
      Entry(
        "config-inferred",
        """
        No config lies beside the weights. The family and the values were found by solving the
        shapes of every family's weights, and make exactly the tensors of the file. What no
        shape decides, such as the number of heads, is listed with the value that was taken.
        """,
        example: "`plumbline check model.safetensors` in a directory without `config.json`",
        remedy: """
          Write a `config.json` with these values, and correct those that no shape decides.
          """),
      Entry(
        "tied-weight-stored-twice",
        """
        The config ties two weights, and the file holds bytes for both. Readers keep one; if the
        other differs, it is lost, and a header can't show whether it does.
        """,
        example: """
          `lm_head.weight` beside `transformer.wte.weight` with "tie_word_embeddings": true
          """,
        remedy: """
          Compare the two; if they differ, the model was not tied and the config should say so.
          """),
    ]
  }
}
