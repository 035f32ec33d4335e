// Examples: model files and the diagnostics that set the bar for layout, as text.
// Apart from the tests so that these can be read next to what they build.

enum Examples {
  /// A file whose attention is narrower than the model.
  static let encoderDecoder = """
    // Encoder/decoder whose attention is narrower than the model: 6 heads × 128 = 768, not 1024.

    block attention(width: Int, heads: Int, head_width: Int, causal: Bool = false) {
      let inner = heads * head_width

      let q   = linear(width, inner)
      let k   = linear(width, inner)
      let v   = linear(width, inner)
      let out = linear(inner, width)

      forward(x: [B, T, width], memory: [B, S, width]) -> [B, T, width] {
        queries = rearrange(q(x)      : b t (h d) -> b h t d, h = heads)
        keys    = rearrange(k(memory) : b s (h d) -> b h s d, h = heads)
        values  = rearrange(v(memory) : b s (h d) -> b h s d, h = heads)
        scores  = einsum(queries, keys : b h t d, b h s d -> b h t s) / sqrt(head_width)
        scores  = if causal { mask_future(scores) } else { scores }
        mixed   = einsum(softmax(scores : b h t [s]), values : b h t s, b h s d -> b h t d)
        return out(rearrange(mixed : b h t d -> b t (h d)))
      }
    }

    block feed_forward(width: Int, hidden: Int) {
      let first  = linear(width, hidden)
      let second = linear(hidden, hidden)
      let third  = linear(hidden, width)

      forward(x: [B, T, width]) -> [B, T, width] {
        return third(relu(second(relu(first(x)))))
      }
    }

    block encoder_block(width: Int, heads: Int, head_width: Int, hidden: Int) {
      let attend = attention(width, heads, head_width)
      let norm_1 = layer_norm(width)
      let ffn    = feed_forward(width, hidden)
      let norm_2 = layer_norm(width)

      forward(x: [B, S, width]) -> [B, S, width] {
        x = norm_1(x + attend(x, x))              // post-norm
        return norm_2(x + ffn(x))
      }
    }

    block decoder_block(width: Int, heads: Int, head_width: Int, hidden: Int) {
      let attend = attention(width, heads, head_width, causal: true)
      let norm_1 = layer_norm(width)
      let cross  = attention(width, heads, head_width)
      let norm_2 = layer_norm(width)
      let ffn    = feed_forward(width, hidden)
      let norm_3 = layer_norm(width)

      forward(x: [B, T, width], memory: [B, S, width]) -> [B, T, width] {
        x = norm_1(x + attend(x, x))
        x = norm_2(x + cross(x, memory))
        return norm_3(x + ffn(x))
      }
    }

    model encoder_decoder {
      dtype  f32
      config vocab = 32_000, width = 1_024, heads = 6, head_width = 128, hidden = 512
      config encoder_layers = 6, decoder_layers = 8
      dim    B >= 1, S >= 1, T >= 1

      let embed   = embedding(vocab, width)
      let encoder = repeat encoder_layers encoder_block(width, heads, head_width, hidden)
      let decoder = repeat decoder_layers decoder_block(width, heads, head_width, hidden)

      forward(source: i32[B, S], target: i32[B, T]) -> logits: [B, T, vocab] {
        memory: [B, S, width] = encoder(embed(source) + sinusoid(S, width))
        x: [B, T, width] = decoder(embed(target) + sinusoid(T, width), memory)
        return einsum(x, embed.weight : b t c, v c -> b t v)       // one table, three uses
      }

      expect inner of decoder[0].cross  == 768
      expect parameters(encoder[0])     == 4_465_920
      expect parameters(decoder[0])     == 7_617_024
      expect parameters(encoder, decoder) == 87_731_712
      expect parameters                 == 120_499_712
    }

    """

  /// A file with tied weights and a bounded sequence length.
  static let gpt2 = """
    // GPT-2 small (124M). Radford et al. 2019. Names follow the Hugging Face checkpoint.

    block attention(width: Int, heads: Int) {
      require width % heads == 0

      let c_attn = linear(width, 3 * width)
      let c_proj = linear(width, width)

      forward(x: [B, T, width]) -> [B, T, width] {
        q, k, v = rearrange(c_attn(x) : b t (3 h d) -> 3 b h t d, h = heads)
        scores  = einsum(q, k : b h t d, b h s d -> b h t s) / sqrt(width / heads)
        weights = softmax(mask_future(scores) : b h t [s])
        mixed   = einsum(weights, v : b h t s, b h s d -> b h t d)
        return c_proj(rearrange(mixed : b h t d -> b t (h d)))
      }
    }

    block mlp(width: Int, hidden: Int) {
      let c_fc   = linear(width, hidden)
      let c_proj = linear(hidden, width)

      forward(x: [B, T, width]) -> [B, T, width] {
        return c_proj(gelu_tanh(c_fc(x)))
      }
    }

    block transformer_block(width: Int, heads: Int) {
      let ln_1 = layer_norm(width)
      let attn = attention(width, heads)
      let ln_2 = layer_norm(width)
      let mlp  = mlp(width, 4 * width)

      forward(x: [B, T, width]) -> [B, T, width] {
        x = x + attn(ln_1(x))
        return x + mlp(ln_2(x))
      }
    }

    model gpt2_small {
      dtype  f32
      config vocab = 50_257, context = 1_024, width = 768, heads = 12, layers = 12
      dim    B >= 1, T in 1...context

      let wte  = embedding(vocab, width)
      let wpe  = embedding(context, width)
      let h    = repeat layers transformer_block(width, heads)
      let ln_f = layer_norm(width)

      forward(tokens: i32[B, T]) -> logits: [B, T, vocab] {
        x = wte(tokens) + wpe(iota(T))
        x: [B, T, width] = h(x)
        return einsum(ln_f(x), wte.weight : b t c, v c -> b t v)   // tied: the same weight, used twice
      }

      expect parameters       == 124_439_808
      expect parameters(h[0]) == 7_087_872
      expect shape(logits)    == [B, T, vocab]
      expect flops(forward, count: matmul, B = 1, T = 1_024) == 291_648_307_200
    }

    """

  /// Axes that differ, each derived back to the literal that fixed it.
  static let shapeMismatch = """
    error[shape-mismatch]: `out` needs a last axis of 1024, but its input ends in 768
      --> models/encoder-decoder.model:18:16
        |
     18 |     return out(rearrange(mixed : b h t d -> b t (h d)))
        |                ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ [B, T, 768]
        |
        = needs: [..., 1024]     1024 = width
        = found: [B, T,  768]     768 = (h d) = h × d
        |                         h = 6     axis 1 of `mixed`, set by `h = heads` at 12:59
        |                         d = 128   from q(x) [B, T, 768] split as (h d): 768 / 6
        |                         768 = inner = heads * head_width = 6 × 128
    note: `out` is declared here with input size `width`
      --> models/encoder-decoder.model:9:20
        |
      9 |   let out = linear(width, width)
        |                    -----
    note: reached from encoder[0].attend = attention(width: 1024, heads: 6, head_width: 128)
      --> models/encoder-decoder.model:33:16
        = the same mistake in encoder[1..<6].attend, decoder[0..<8].attend and decoder[0..<8].cross (21 more, shown once)
    help: read the heads' output, which has `inner` features
        |
      9 -   let out = linear(width, width)
      9 +   let out = linear(inner, width)

    """

  /// A bound that is false, with a witness.
  static let outOfRange = """
    error[index-out-of-range]: `wpe` has 1024 rows, but is asked for row T - 1, which can be 2047
      --> models/gpt2-small.model:50:27
        |
     50 |     x = wte(tokens) + wpe(iota(T))
        |                           ^^^^^^^ i32[T], values 0 ... T - 1
        = needs: T - 1 <= 1023       1024 rows = context (config, line 41)
        = known: 1 <= T <= 2048      from `dim` at 42:18
        = witness: B = 1, T = 1025 satisfies every constraint and reads row 1024
    note: `T` is bounded here
      --> models/gpt2-small.model:42:18
        |
     42 |   dim    B >= 1, T in 1...2_048
        |                  --------------
    help: bound T by the table (applies without changing parameters)
        |
     42 -   dim    B >= 1, T in 1...2_048
     42 +   dim    B >= 1, T in 1...context
    help: or enlarge the table (adds 786_432 parameters; `expect parameters` would become 125_226_240)
        |
     41 -   config vocab = 50_257, context = 1_024, width = 768, heads = 12, layers = 12
     41 +   config vocab = 50_257, context = 2_048, width = 768, heads = 12, layers = 12

    """

  /// A false claim, with the sum and its likely cause.
  static let falseClaim = """
    error[expectation-failed]: parameters of decoder[0] are 9_715_712, expected 7_617_024 (2_098_688 more)
      --> models/encoder-decoder.model:77:40
        |
     77 |   expect parameters(decoder[0])     == 7_617_024
        |                                        ^^^^^^^^^ 9_715_712
        = decoder[0]                                     9_715_712
        |   attend   attention(1024, 8, 128, causal)     4_198_400   q, k, v, out: 4 × (1024·1024 + 1024)
        |   cross    attention(1024, 8, 128)             4_198_400   q, k, v, out: 4 × (1024·1024 + 1024)
        |   ffn      feed_forward(1024, 512)             1_312_768   524_800 + 262_656 + 525_312
        |   norm_1, norm_2, norm_3                           6_144   3 × (1024 + 1024)
    note: every shape is consistent; only the claim differs. As a function of `heads` (config, 61:41):
        = parameters(decoder[0]) = 1_049_344 · heads + 1_320_960
        = heads = 8 gives 9_715_712;  heads = 6 gives 7_617_024 exactly
        = claims 75, 76, 78 and 79 fail for the same reason and hold at heads = 6 (shown once)
    help: set heads = 6 (changes the model)
        |
     61 -   config vocab = 32_000, width = 1_024, heads = 8, head_width = 128, hidden = 512
     61 +   config vocab = 32_000, width = 1_024, heads = 6, head_width = 128, hidden = 512
    help: or, if 8 heads are meant, correct the claim (changes the documentation)
        |
     77 -   expect parameters(decoder[0])     == 7_617_024
     77 +   expect parameters(decoder[0])     == 9_715_712

    """
}
