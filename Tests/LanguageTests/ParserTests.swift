// The parser on what is right: every construct of the language, and the example files.
// What is wrong stands in ParserDiagnosticTests.
import Language
import Testing

@Suite struct ParserTests {
  @Test("the example files parse without a diagnostic", arguments: LanguageSamples.names)
  func examples(_ name: String) throws {
    let parsed = try Parsed(LanguageSamples.text(of: name))
    #expect(parsed.reports == [])
    #expect(!parsed.file.declarations.isEmpty)
  }

  @Test(
    "expressions",
    arguments: [
      ("1_024", "1_024"), ("99999999999999999999", "99999999999999999999"), ("2e-4", "2e-4"),
      ("\"a\\n\\\"b\\\\\"", "\"a\\n\\\"b\\\\\""), ("true", "true"), ("none", "none"),
      ("-inf", "(- inf)"), ("!a && b || c", "(|| (&& (! a) b) c)"),
      ("a + b * c - d", "(- (+ a (* b c)) d)"), ("a div b % c / d", "(/ (% (div a b) c) d)"),
      ("-a ** b ** -c", "(- (** a (** b (- c))))"), ("(a + b) * c", "(* (group (+ a b)) c)"),
      ("1 <= r && r < n + 1", "(&& (<= 1 r) (< r (+ n 1)))"), ("(0.9, 0.999)", "(tuple 0.9 0.999)"),
      ("[a, b,]", "(list a b)"), ("[]", "(list)"), ("[..., n]", "(list ... n)"),
      ("f(a)(b).c[d + 1].e", "(. (index (. (call (call f a) b) c) (+ d 1)) e)"),
      ("f()", "(call f)"), ("f(a, b: c, -d)", "(call f a (label b c) (- d))"),
      ("base.in", "(. base in)"), ("i32[B, T]", "(type i32 B T)"), ("i32[B]", "(type i32 B)"),
      ("h[0]", "(index h 0)"), ("f32[]", "(type f32)"),
      ("if c { a } else { b }", "(if c (code (value a)) (code (value b)))"),
      (
        "if c { a } else if d { b } else { e }",
        "(if c (code (value a)) (code (value (if d (code (value b)) (code (value e))))))"
      ),
      (
        "if c {\n x = a\n f(x)\n} else { b }",
        "(if c (code (bind (targets (target x)) a) (value (call f x))) (code (value b)))"
      ),
      (
        "match s { \"a\" | -1 => e, else => g }",
        "(match s (case (patterns \"a\" (- 1)) (code (value e))) (case (patterns) (code (value g))))"
      ),
      (
        "match s {\n 1 => {\n x = 2\n x\n }\n else => none\n}",
        "(match s (case (patterns 1) (code (bind (targets (target x)) 2) (value x))) "
          + "(case (patterns) (code (value none))))"
      ),
      ("repeat n f(a)", "(repeat n (call f a))"),
      ("repeat shared 2 * n as i f(i)", "(repeat shared (* 2 n) (as i) (call f i))"),
      ("repeat g(n) f", "(repeat (call g n) f)"),
      ("repeat n if c { a } else { b }", "(repeat n (if c (code (value a)) (code (value b))))"),
      ("a +\n  b", "(+ a b)"), ("f(\n a\n ,\n b\n)", "(call f a b)"),
      (
        "[f(x), if c { a } else { b }]",
        "(list (call f x) (if c (code (value a)) (code (value b))))"
      ),
    ])
  func expressions(_ source: String, _ dump: String) {
    let parsed = Parsed("block b() {\n let x = \(source)\n}")
    #expect(parsed.reports == [])
    #expect(SyntaxDump.text(of: parsed.file) == "(block b (parameters) (let x \(dump)))\n")
  }

  @Test(
    "patterns",
    arguments: [
      (
        "f(x : b t (3 h d) -> 3 b h t d, h = heads)",
        "(call f x (pattern (in b t (group 3 h d)) (out 3 b h t d)) (sizes (h heads)))"
      ),
      (
        "f(a, b : m k, k n -> m n)",
        "(call f a b (pattern (in m k) (in k n) (out m n)))"
      ),
      ("f(s : b h t [s])", "(call f s (pattern (in b h t (bracket s))))"),
      ("f(x : ... i, r i -> ... r)", "(call f x (pattern (in ... i) (in r i) (out ... r)))"),
      ("f(x : b t ->)", "(call f x (pattern (in b t) (out)))"),
      ("f(a[0]: b)", "(call f (index a 0) (pattern (in b)))"),
      ("f(x :b)", "(call f x (pattern (in b)))"),
      ("f(x: b)", "(call f (label x b))"),
      (
        "f(s : b [v], targets: i32[B, T], ignore: -100)",
        "(call f s (label targets (type i32 B T)) (label ignore (- 100)) (pattern (in b (bracket v))))"
      ),
      ("f(g(x : a b) : b a)", "(call f (call g x (pattern (in a b))) (pattern (in b a)))"),
      ("f(x\n : b,\n h = 1,\n)", "(call f x (pattern (in b)) (sizes (h 1)))"),
    ])
  func patterns(_ source: String, _ dump: String) { expressions(source, dump) }

  @Test(
    "members",
    arguments: [
      ("family \"gpt2\"", "(family \"gpt2\")"), ("dtype bf16", "(dtype bf16)"),
      (
        "config a = 1, b: Int = 2 from \"k\" | \"l\", c = [1, 2]",
        "(config (field a 1) (field b (type Int) 2 \"k\" \"l\") (field c (list 1 2)))"
      ),
      ("config a = 1,\n  b = 2", "(config (field a 1) (field b 2))"),
      (
        "dim A, B >= 1, T in 1...n, S in 1..<2 * n, H % 8 == 0",
        "(dim A (>= B 1) (... T 1 n) (..< S 1 (* 2 n)) (divisible H 8))"
      ),
      ("require w % h == 0", "(require (== (% w h) 0))"), ("let data = f", "(let data f)"),
      ("param w: [a, b.in]", "(param w (type _ a (. b in)))"),
      ("param w: f32[a] = zeros", "(param w (type f32 a) (by zeros))"),
      (
        "if a == 1 { let b = c } else if d { let e = f } else { param g: [h] }",
        "(if (== a 1) (then (let b c)) (else (if d (then (let e f)) (else (param g (type _ h))))))"
      ),
      (
        "forward(x: [..., n], m: i32[B]) -> [B] { return x }",
        "(forward (inputs (item x (type _ ... n)) (item m (type i32 B))) "
          + "(results (item _ (type _ B))) (code (return x)))"
      ),
      (
        "forward(x: [B]) -> logits: [B] { return x }",
        "(forward (inputs (item x (type _ B))) (results (item logits (type _ B))) (code (return x)))"
      ),
      (
        "forward() -> (a: [B], f32[T]) { return a, b }",
        "(forward (inputs) (results (item a (type _ B)) (item _ (type f32 T))) (code (return a b)))"
      ),
      ("freeze all", "(freeze (all (except)))"),
      (
        "freeze all except *.bias, h[*].ln_*.weight",
        "(freeze (all (except (path (*) (bias)) (path (h *) (ln_*) (weight)))))"
      ),
      (
        "freeze h[0..<6], h[a...b].c, d[1]",
        "(freeze (paths (path (h (..< 0 6))) (path (h (... a b)) (c)) (path (d 1)) (except)))"
      ),
      (
        "adapt h[*].c_attn, all.x with lora(rank: 8)",
        "(adapt (paths (path (h *) (c_attn)) (path (all) (x)) (except)) (call lora (label rank 8)))"
      ),
      ("expect parameters == 12", "(expect parameters == 12)"),
      ("expect trainable parameters <= 3 GB", "(expect trainable parameters <= 3 (unit GB))"),
      (
        "expect inner of decoder[0].cross != -inf",
        "(expect inner (of (path (decoder 0) (cross))) != (- inf))"
      ),
      (
        "expect flops(forward, count: matmul, B = 1) of h[*] == 2 * n",
        "(expect flops (arguments forward (label count matmul)) (sizes (B 1)) (of (path (h *))) "
          + "== (* 2 n))"
      ),
      (
        "expect shape(queries of encoder[0].attend) == [B, T]",
        "(expect shape (arguments (of queries (path (encoder 0) (attend)))) == (list B T))"
      ),
    ])
  func members(_ source: String, _ dump: String) {
    let parsed = Parsed("model m {\n \(source)\n}")
    #expect(parsed.reports == [])
    #expect(SyntaxDump.text(of: parsed.file) == "(model m \(dump))\n")
  }

  @Test(
    "statements",
    arguments: [
      ("x = a", "(bind (targets (target x)) a)"),
      ("x: [B, T] = a", "(bind (targets (target x (type _ B T))) a)"),
      ("q, k: [B],\n v = a", "(bind (targets (target q) (target k (type _ B)) (target v)) a)"),
      ("x =\n a", "(bind (targets (target x)) a)"), ("return a,\n b", "(return a b)"),
      ("if c { x = a }", "(if c (code (bind (targets (target x)) a)))"),
      (
        "if c { return a } else if d { x = b } else {\n return e }",
        "(if c (code (return a)) (code (if d (code (bind (targets (target x)) b)) "
          + "(code (return e)))))"
      ),
      ("let = a", "(bind (targets (target let)) a)"),
      (
        "x = if c { if d { a } else { b } } else { e }",
        "(bind (targets (target x)) (if c (code (value (if d (code (value a)) (code (value b))))) "
          + "(code (value e))))"
      ),
    ])
  func statements(_ source: String, _ dump: String) {
    let parsed = Parsed("block b() {\n forward() -> [B] {\n \(source)\n}\n}")
    #expect(parsed.reports == [])
    let head = "(block b (parameters) (forward (inputs) (results (item _ (type _ B)))"
    #expect(SyntaxDump.text(of: parsed.file) == "\(head) (code \(dump))))\n")
  }

  @Test(
    "training",
    arguments: [
      ("batch B = 8, T = 512, accumulate 4", "(batch (sizes (B 8) (T 512)) (accumulate 4))"),
      ("batch accumulate 2 * n", "(batch (accumulate (* 2 n)))"),
      ("data 65_000_000 tokens", "(data 65_000_000 tokens)"), ("steps 10", "(length 10 steps)"),
      ("epochs 2 * 3", "(length (* 2 3) epochs)"),
      ("loss f(l : b [v])", "(loss (call f l (pattern (in b (bracket v)))))"),
      ("optimizer adamw(rate: 2e-4)", "(optimizer (call adamw (label rate 2e-4)))"),
      ("decay all except *.bias", "(decay (all (except (path (*) (bias)))))"),
      (
        "schedule warmup 200 steps from 1e-7, then cosine(cycles: 2) to 2e-5 at step 10,\n then hold",
        "(schedule (warmup (steps 200) (from 1e-7)) (cosine (label cycles 2) (to 2e-5) (at 10)) "
          + "(hold))"
      ),
      ("clip global_norm 1.0", "(clip global_norm 1.0)"), ("seed 1337", "(seed 1337)"),
      ("expect tokens per step == 16_384", "(expect tokens per step == 16_384)"),
      ("expect rate(at: 200) > 2e-4", "(expect rate (arguments (label at 200)) > 2e-4)"),
    ])
  func training(_ source: String, _ dump: String) {
    let parsed = Parsed("train m {\n \(source)\n}")
    #expect(parsed.reports == [])
    #expect(SyntaxDump.text(of: parsed.file) == "(train m \(dump))\n")
  }

  @Test(
    "declarations",
    arguments: [
      ("import \"a.model\"", "(import \"a.model\")"), ("block a {}", "(block a (parameters))"),
      (
        "block a(n: Int, c: Bool = false,) {}",
        "(block a (parameters (parameter n Int) (parameter c Bool (default false))))"
      ),
      (
        "adapter l(r: Int) for base: linear { let a = r }",
        "(adapter l (parameters (parameter r Int)) (let a r) (for base linear))"
      ),
      ("model a = b { freeze all }", "(model a (from b) (freeze (all (except))))"),
      ("train a {}", "(train a)"),
    ])
  func declarations(_ source: String, _ dump: String) {
    let parsed = Parsed(source)
    #expect(parsed.reports == [])
    #expect(SyntaxDump.text(of: parsed.file) == dump + "\n")
  }

  @Test("the comment lines directly above a declaration are its documentation")
  func documentation() throws {
    let parsed = Parsed("// header\n\n// one\n//\n//  two\nblock a() {} // no\nmodel b {}\n")
    #expect(parsed.file.declarations.map(\.documentation) == [["one", "", " two"], []])
  }

  @Test("a range covers its text from the first to the last character")
  func ranges() throws {
    let parsed = Parsed("model m {\n  let a = f(x, 2) + 1\n}\n")
    guard case .model(let model)? = parsed.file.declarations.first,
      case .binding(let binding)? = model.members.first
    else {
      Issue.record("no model with a binding")
      return
    }
    #expect(parsed.map.text(in: model.range) == "model m {\n  let a = f(x, 2) + 1\n}")
    #expect(parsed.map.text(in: binding.range) == "let a = f(x, 2) + 1")
    #expect(parsed.map.text(in: binding.name.range) == "a")
    #expect(parsed.map.text(in: binding.value.range) == "f(x, 2) + 1")
  }

  @Test("an operator at the start of a line continues nothing")
  func lineStart() {
    let parsed = Parsed("model m {\n let a = b\n + c\n}")
    #expect(parsed.places == ["3:2 unexpected-token"])
  }
}
