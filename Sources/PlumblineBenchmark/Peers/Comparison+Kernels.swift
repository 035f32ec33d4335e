// Comparison+Kernels: attention and matrix products alone, beside the peer's.
// The kernels run in this process, which waits while the peer runs in its own.
import Foundation

/// What the peer prints of attention.
private struct PeerAttention: Decodable, WatchedFigure {
  let minForwardMs: Double
  let minBackwardMs: Double
  let foreignShare: Double
}

/// What the peer prints of a layer's products.
private struct PeerProducts: Decodable, WatchedFigure {
  let forwardGflops: Double
  let inputGradientGflops: Double
  let weightGradientGflops: Double
  let foreignShare: Double

  func gflops(_ form: ProductForm) -> Double {
    switch form {
    case .forward: forwardGflops
    case .inputGradient: inputGradientGflops
    case .weightGradient: weightGradientGflops
    }
  }
}

/// What the worst of several runs says about the machine.
private struct Disturbance {
  private(set) var share = 0.0

  /// Notes a run and passes it on.
  mutating func note<Figure: WatchedFigure>(_ figure: Figure) -> Figure {
    share = max(share, figure.foreignShare)
    return figure
  }

  /// Nothing for a quiet machine; what others used of a core for a busy one.
  var mark: String {
    share > OtherLoad.bound ? " (busy: \((share * 100).decimals(0)) %)" : ""
  }
}

/// A figure of this process.
private struct Watched<Value>: WatchedFigure {
  let value: Value
  let foreignShare: Double

  init(_ measure: () -> Value) {
    let load = OtherLoad()
    value = measure()
    foreignShare = load.share
  }
}

extension Comparison {
  /// Attention, forward and backward.
  func attention() throws {
    var table = FigureTable(
      "attention", "PyTorch fwd ms", "bwd ms", "here fwd ms", "bwd ms", "times as fast", "wanted",
      "aim", "")
    for sizes in AttentionCase.all {
      let benchmark = AttentionBenchmark(sizes, threads: threads, seconds: request.seconds / 4)
      let extents = [sizes.batch, sizes.heads, sizes.length, sizes.width].map { "\($0)" }
      var theirs = (forward: Double.infinity, backward: Double.infinity)
      var ours = theirs
      var others = Disturbance()
      for _ in 0..<rounds {
        let their: PeerAttention = try quiet {
          try peer.run(
            ["attention"] + extents, threads: threads, seconds: request.seconds / 2)
        }
        _ = others.note(their)
        theirs.forward = min(theirs.forward, their.minForwardMs)
        theirs.backward = min(theirs.backward, their.minBackwardMs)
        let own = others.note(try quiet { Watched(benchmark.seconds) }).value
        ours.forward = min(ours.forward, own.forward * 1e3)
        ours.backward = min(ours.backward, own.backward * 1e3)
      }
      let times = (theirs.forward + theirs.backward) / (ours.forward + ours.backward)
      // Less of the inverse is better, as everywhere else.
      let verdict = Wanted(most: 1 / sizes.least, aim: 1 / sizes.aim).verdict(1 / times)
      table.add([
        sizes.name + others.mark, theirs.forward.decimals(2), theirs.backward.decimals(2),
        ours.forward.decimals(2), ours.backward.decimals(2), times.decimals(2),
        sizes.least.decimals(1), sizes.aim.decimals(1), verdict,
      ])
    }
    show(table.text)
  }

  /// Matrix products, as a share of the limit of the multiply-add units.
  func multiplication() throws {
    let benchmark = ProductBenchmark(threads: threads, seconds: 0.15)
    var table = FigureTable(
      "rows × in × out", "product", "GFLOP/s", "limit", "share", "PyTorch GFLOP/s", "times as fast")
    var all: [ProductFigure] = []
    var worst = Disturbance()
    for layer in LayerProduct.steps {
      let their: PeerProducts = try quiet {
        try peer.run(
          ["multiply", "\(layer.rows)", "\(layer.n)", "\(layer.k)"], threads: threads,
          seconds: 0.5)
      }
      var others = Disturbance()
      _ = others.note(their)
      let run = others.note(try quiet { Watched { benchmark.figures(layer) } })
      _ = worst.note(run)
      let figures = run.value
      for figure in figures {
        let gflops = figure.flops / figure.seconds / 1e9
        table.add([
          layer.name + others.mark, figure.form.rawValue, gflops.decimals(1),
          (figure.limit / 1e9).decimals(1),
          figure.share.decimals(3), their.gflops(figure.form).decimals(1),
          (gflops / their.gflops(figure.form)).decimals(2),
        ])
      }
      all += figures
    }
    show(table.text)
    show("")
    for (rows, wanted) in [(2_048, (0.88, 0.93)), (256, (0.82, 0.88))] {
      let own = all.filter { $0.layer.rows == rows }
      let ideal = own.reduce(0) { $0 + $1.flops / $1.limit }
      let share = ideal / own.reduce(0) { $0 + $1.seconds }
      let verdict = Wanted(most: 1 / wanted.0, aim: 1 / wanted.1).verdict(1 / share)
      show(
        "\(rows) rows: \(share.decimals(3)) of the limit over all products, "
          + "wanted \(wanted.0), aim \(wanted.1): \(verdict)\(worst.mark)")
    }
  }
}
