// DiagnosticManual+PlanRules: pages of rules, written from their documentation comments.
// Made by `UPDATE_SNAPSHOTS=1 swift test --filter RuleManualTests`; edit the comments instead.

extension DiagnosticManual {
  static var planRules: [Entry] {
    [
      Entry(
        "batch-uneven-over-devices",
        """
        The examples of an update do not divide by the number of devices. In data-parallel training
        each device takes the same number of examples; what is left over makes launchers stop or
        drop data. Examples are those of the micro-batch times the accumulation.
        """,
        example: """
          batch B = 5, T = 512 with device count 8
          """,
        remedy: """
          Use a batch, or an accumulation, that the number of devices divides.
          """,
        catalogue: "T14"),
      Entry(
        "clipping-out-of-range",
        """
        The bound of the gradient's norm is not positive. Clipping multiplies the gradient by bound
        / norm where the norm is larger: with a bound of 0 every update is nothing but decay, with a
        negative one the loss climbs.
        """,
        example: """
          clip global_norm 0
          """,
        remedy: """
          Use a positive bound, 1.0 for example, or remove the line.
          """,
        catalogue: "T22"),
      Entry(
        "data-repeated-often",
        """
        The planned steps read the data more than four times. Up to four epochs repeated text is
        worth almost as much as fresh text; beyond that its value falls quickly (Muennighoff et al.
        2023, arXiv 2305.16264). More often than not the number of steps is then a slip, for example
        micro-steps counted as steps. A plan that says `epochs` means it, and a plan that trains
        only a part of the weights tunes on little data: both stay silent.
        """,
        example: """
          data 1_000_000 tokens, steps 100, batch B = 480, T = 1_024: 49 epochs
          """,
        remedy: """
          Lower `steps`, add data, or write `epochs` instead of `steps` if they are meant.
          """,
        catalogue: "T16"),
      Entry(
        "data-shorter-than-a-step",
        """
        One step reads more than the whole data has. The batch's sizes and the accumulation multiply
        to more tokens or examples than the `data` line gives, so that no step can be filled without
        repeating data inside it.
        """,
        example: """
          data 10_000 tokens with batch B = 48, T = 512
          """,
        remedy: """
          Lower the batch or the accumulation, or correct the amount of data.
          """,
        catalogue: "T16"),
      Entry(
        "decay-on-vectors",
        """
        Weights with one axis are decayed: biases, and the scales of norms. Decay keeps the products
        of matrices small. A bias or the scale of a norm has no such product: decay pulls a scale,
        which starts at 1, towards 0 and with it the whole branch. The usual groups decay every
        matrix and no vector. The rule looks at the axes of the weights that the `decay` line takes
        in, and needs no names.
        """,
        example: """
          decay all
          """,
        remedy: """
          Leave them out: `decay all except *.bias, *.ln_*.weight`.
          """,
        catalogue: "T23"),
      Entry(
        "decay-pattern-matches-nothing",
        """
        A path of the `decay` line matches no weight of the model. The line then means something
        else than it says: a misspelt exception decays what it was to spare. Paths are compared with
        the dotted names of all weights, frozen ones included.
        """,
        example: """
          decay all except *.bais
          """,
        remedy: """
          Correct the path; `plumbline shapes` prints the names.
          """,
        catalogue: "T23"),
      Entry(
        "epsilon-vanishes-in-half",
        """
        The optimiser's epsilon rounds to 0 in f16, the type of the weights that it updates. Half of
        the smallest f16 is 2.98e-8. AdamW divides by √v + epsilon, and where every gradient
        vanished that is 0 / 0. An optimiser that keeps its moments in f32 does not have the
        problem.
        """,
        example: """
          adamw(epsilon: 1e-8) for a model of dtype f16
          """,
        remedy: """
          Use an epsilon of 1e-4 to 1e-6, or allow it if the optimiser computes in f32.
          """,
        catalogue: "N04"),
      Entry(
        "half-training-without-scale",
        """
        A step computes in f16, and the `train` section scales no loss. The smallest f16 is 6e-8,
        and gradients of large models are mostly below it: they become 0, and what overflows becomes
        infinite. Mixed-precision training multiplies the loss by a large factor and divides the
        gradients by it. bf16 has the range of f32 and needs no scaling. The precision is that of
        the `precision` line, without one that of the weights.
        """,
        example: """
          precision f16
          """,
        remedy: """
          Write `precision f16 scaled by 65_536`, or use bf16 or f32.
          """,
        catalogue: "N03"),
      Entry(
        "ignored-target-is-a-token",
        """
        The loss ignores a token that texts contain, so the model never learns to write it. Padding
        with the token that ends a text, and leaving padding out of the loss, leaves out every true
        end as well: the model never stops. The rule speaks when the ignored target is one of the
        vocabulary and equals the config's `eos`, or when nothing in the model says that it is
        padding. Rows 0 and 1, which tokenizers keep for padding, stay silent, as does the row that
        an `embedding(…, padding: …)` names.
        """,
        example: """
          cross_entropy(logits : b t [v], targets: i32[B, T], ignore: 50_256) for GPT-2
          """,
        remedy: """
          Mark padded targets with -100 instead, or pad with a token of its own.
          """,
        catalogue: "T26"),
      Entry(
        "logits-tensor-large",
        """
        The logits of a step take more than 8 GiB, and their gradient as much again. Counts of
        memory often leave them out, though for small models with large vocabularies they are the
        largest tensor: 8 sequences of 1,024 tokens and 50,257 classes are 1.65 GB in f32, the type
        in which losses are computed. The sizes are those of the `batch` line, shared by the
        devices.
        """,
        example: """
          batch B = 32, T = 4_096 with a vocabulary of 128_256
          """,
        remedy: """
          Lower the batch and accumulate, or compute the loss in parts over the vocabulary.
          """,
        catalogue: "M03"),
      Entry(
        "matrix-not-decayed",
        """
        A trained matrix is left out of the decay that the optimiser asks for. The optimiser has a
        decay, and the `decay` line passes over a weight of two or more axes. Mostly the pattern of
        an exception is wider than meant: `*.weight` takes out every matrix. Tables of embeddings
        are left out by many and stay silent, and so does a plan with frozen weights, whose trained
        rest is adapters.
        """,
        example: """
          decay all except *.weight
          """,
        remedy: """
          Narrow the exception, `*.ln_*.weight` for example, or set `decay: 0`.
          """,
        catalogue: "T23"),
      Entry(
        "micro-batches-weigh-alike",
        """
        Gradients are accumulated over micro-batches whose losses leave out some of the targets. The
        loss is a mean over the targets that count. Micro-batches with few of them, because of
        padding or masked prompts, then weigh as much as full ones, unless the sums are divided by
        the targets of the whole update. `plumbline run` does that, and transformers since 4.46; a
        loop that divides each loss by the number of micro-batches does not.
        """,
        example: """
          batch B = 8, T = 256, accumulate 4 with ignore: -100
          """,
        remedy: """
          Divide by the targets of the whole update, and allow the finding with that reason.
          """,
        catalogue: "T15"),
      Entry(
        "optimizer-out-of-range",
        """
        A number of the optimiser lies outside what it can learn with. A rate of 0 or below changes
        no weight or climbs the loss. An epsilon of 0 or below divides by zero where the gradient is
        zero. A negative decay lets weights grow without bound, and a decay that times the rate
        reaches 1 removes the whole weight in one step (AdamW and SGD subtract `rate · decay ·
        weight`). A momentum of 1 or more never forgets a gradient. Nesterov's step looks ahead by
        an undamped momentum, so it needs one.
        """,
        example: """
          optimizer adamw(rate: 6e-4, decay: 2_000)
          """,
        remedy: """
          Use a positive rate and epsilon (1e-8 is usual), a decay from 0 to about 0.1, a momentum
          from 0 to below 1 (0.9 is usual), and `nesterov` only with a momentum and no dampening.
          """,
        catalogue: "T24"),
      Entry(
        "scores-tensor-large",
        """
        One tensor of attention scores takes more than 8 GiB. Scores grow with the square of the
        length: 32 sequences of 4,096 tokens and 6 heads are 12.9 GB, in every layer, and the
        backward pass keeps them. A fused attention, here written `scaled_dot_product_attention`,
        never makes the tensor. The sizes are those of the `batch` line.
        """,
        example: """
          batch B = 32, T = 4_096 with softmax(scores) spelled out
          """,
        remedy: """
          Write `scaled_dot_product_attention`, or shorten the sequences.
          """,
        catalogue: "M02"),
      Entry(
        "steps-varied-in-study",
        """
        A study varies how many steps it trains. More steps are nearly always better, so tuning them
        finds the largest value, and the rates that suit one length do not suit another. The tuning
        playbook fixes the length, keeps checkpoints, and picks the best step afterwards.
        """,
        example: """
          vary steps = 10_000, 20_000
          """,
        remedy: """
          Fix the length for the study; plan a longer one as another round.
          """,
        catalogue: "T21"),
      Entry(
        "study-runs-repeat",
        """
        Two sets of targets of a study adapt the same layers, so their runs are repeats. A name that
        matches nothing is passed over by PEFT without a word: `q_proj, v_proj` beside `c_attn` on
        GPT-2 adds nothing. With the seed fixed, the runs differ in nothing.
        """,
        example: """
          vary targets = "c_attn", "q_proj, v_proj, c_attn"
          """,
        remedy: """
          Remove the set, or name the layers that were meant.
          """,
        catalogue: "L02"),
      Entry(
        "sweep-misses-plan",
        """
        The rate of the optimiser lies outside of the rates that the study tries. Then either the
        sweep starts far from what was thought right, or the plan was not brought up to date with
        what a sweep found; the numbers can't both be meant.
        """,
        example: """
          vary rate = 5e-3, 1e-2, 2e-2 under adamw(rate: 6e-4)
          """,
        remedy: """
          Let the sweep cover the planned rate, or plan with a rate of the sweep.
          """,
        catalogue: "T20"),
      Entry(
        "sweep-repeats-value",
        """
        An axis of a study lists the same value more than once. With the seed fixed the runs are the
        same to the bit; their agreement says nothing.
        """,
        example: """
          vary rate = 1e-4, 3e-4, 0.0001
          """,
        remedy: """
          Remove the repeat, or vary the seed.
          """,
        catalogue: "T20"),
      Entry(
        "sweep-value-illegal",
        """
        An axis of a study holds a value with which there is no model, or no training. Every value
        of a config field is tried before the sweep starts: the model is elaborated with it, and
        what it breaks is told here instead of in the twelfth run. Values that are legal one by one
        are tried together too, since a study trains every combination. Rates, steps, epochs and
        ranks must be above 0.
        """,
        example: """
          vary heads = 8, 10, 12 for a width of 768
          """,
        remedy: """
          Remove the value, or use the nearest legal one.
          """,
        catalogue: "T20"),
      Entry(
        "sweep-values-alike",
        """
        Two values of a config field that a study varies make the same model. Rounding does it: with
        a feed-forward width rounded up to a multiple of 256, two factors come to one width. With
        the seed fixed, the runs are the same to the bit. A field that nothing in the file reads,
        such as a share of dropout, stays silent: it may act elsewhere.
        """,
        example: """
          vary multiple = 64, 128 where both round 2,048 to itself
          """,
        remedy: """
          Remove one of the values, or space them further apart.
          """,
        catalogue: "T20"),
      Entry(
        "tokens-per-parameter-unusual",
        """
        The plan reads far more or far fewer tokens than the model's size asks for. For a given
        budget of work the loss is lowest near 20 tokens a parameter (Hoffmann et al. 2022, arXiv
        2203.15556). Ten times more is a warning: the model is too small for its text, which may be
        meant to make it cheap to use. Ten times less is a note, as a model that starts from trained
        weights needs no more. A plan without `data … tokens`, or with frozen weights, says too
        little to judge.
        """,
        example: """
          data 300_000_000_000 tokens for 124_439_808 parameters: 2_411 tokens a parameter
          """,
        remedy: """
          Change the data or the model, or allow it with the reason: cheap inference, fine-tuning.
          """,
        catalogue: "T17"),
      Entry(
        "warm-up-too-long",
        """
        Warm-up takes more than a tenth of the run. Warm-up is for getting past the first unstable
        steps; the tuning playbook caps it at 10 % of the steps, because what is spent there is
        missing at the full rate. The run's length is `steps`, else what the data gives, else the
        end of the schedule. A tenth is rounded up to a whole step.
        """,
        example: """
          schedule warmup 3_000 steps, then cosine to 6e-5 at step 20_000
          """,
        remedy: """
          Shorten the warm-up to a tenth of the run, lengthen the run, or lower the peak.
          """,
        catalogue: "T18"),
    ]
  }
}
