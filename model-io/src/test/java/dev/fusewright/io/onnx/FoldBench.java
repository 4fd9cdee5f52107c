/*
 * Copyright the Fusewright authors.
 *
 * Licensed under the Apache License, Version 2.0 (the "License"); you may not use this file except
 * in compliance with the License. You may obtain a copy of the License at
 *
 *     http://www.apache.org/licenses/LICENSE-2.0
 *
 * Unless required by applicable law or agreed to in writing, software distributed under the License
 * is distributed on an "AS IS" BASIS, WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express
 * or implied. See the License for the specific language governing permissions and limitations under
 * the License.
 */
package dev.fusewright.io.onnx;

import dev.fusewright.core.engine.FusionEngine;
import dev.fusewright.core.graph.Attribute;
import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.graph.Initializer;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.OpKind;
import dev.fusewright.core.graph.ValueInfo;
import dev.fusewright.core.plan.FusionPlan;
import dev.fusewright.core.rule.RuleSet;
import dev.fusewright.core.rule.fold.Rules;
import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.Shape;
import dev.fusewright.core.tensor.StoredTensor;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.io.format.WriteSummary;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * How long folding a model takes beside copying its file, in one process: the best of many of each,
 * of which the first hundred see code that is not compiled yet.
 *
 * <pre>
 * java -Xmx64m  … FoldBench DIR resnet50          95 MB, raw_data
 * java -Xmx128m … FoldBench DIR resnet50x13       1.5 GB, raw_data
 * java -Xmx128m … FoldBench DIR resnet50x13-lists 1.5 GB, float_data
 * java          … FoldBench DIR MODEL.onnx        a file; written and read in DIR
 * </pre>
 *
 * <p>The model has ResNet-50's real structure, 53 convolutions with their BatchNormalizations and
 * 25.6 million parameters, once or thirteen times in a row; it is written into DIR unless it is
 * there already.
 */
public final class FoldBench {
  private static final int ROUNDS = 200;

  /** Of models from this size on there are fewer: each takes a second. */
  private static final long LARGE = 1L << 30;

  private static final int ROUNDS_OF_LARGE = 40;

  private FoldBench() {}

  /** Runs one of the three benches. */
  public static void main(String[] arguments) throws IOException {
    Path folder = Path.of(arguments[0]);
    String kind = arguments[1];
    Path source = kind.endsWith(".onnx") ? Path.of(kind) : folder.resolve(kind + ".onnx");
    if (!Files.exists(source)) {
      generate(kind, folder, source);
    }
    Path target = folder.resolve("fold-bench.out");
    RuleSet rules = arguments.length > 2 ? Rules.named(arguments[2]) : Rules.inference();
    Stopwatch copy = new Stopwatch();
    Stopwatch fold = new Stopwatch();
    int fusions = 0;
    int rounds = Files.size(source) < LARGE ? ROUNDS : ROUNDS_OF_LARGE;
    for (int round = 0; round < rounds; round++) {
      Files.deleteIfExists(target);
      copy.start();
      Files.copy(source, target, StandardCopyOption.REPLACE_EXISTING);
      copy.stop();
      Files.delete(target);
      fold.start();
      fusions = fold(source, target, rules);
      fold.stop();
    }
    System.out.printf(
        "%s: %d MB, heap %d MB, %d fusions, best of %d: copy %s, fold %s%n",
        kind,
        Files.size(source) >> 20,
        Runtime.getRuntime().maxMemory() >> 20,
        fusions,
        rounds,
        copy,
        fold);
    Files.delete(target);
  }

  /** The best of several times: of the clock's, and of this thread's processor time. */
  private static final class Stopwatch {
    private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    private long bestClock = Long.MAX_VALUE;
    private long bestProcessor = Long.MAX_VALUE;
    private long clock;
    private long processor;

    void start() {
      clock = System.nanoTime();
      processor = threads.getCurrentThreadCpuTime();
    }

    void stop() {
      bestProcessor = Math.min(bestProcessor, threads.getCurrentThreadCpuTime() - processor);
      bestClock = Math.min(bestClock, System.nanoTime() - clock);
    }

    @Override
    public String toString() {
      return "%.1f ms (processor %.1f ms)".formatted(bestClock / 1e6, bestProcessor / 1e6);
    }
  }

  private static int fold(Path source, Path target, RuleSet rules) throws IOException {
    try (OnnxCheckpoint model = OnnxReader.read(source)) {
      FusionPlan plan = new FusionEngine(rules).plan(model.graph());
      WriteSummary summary = OnnxWriter.write(model, plan.apply(), Map.of(), target);
      if (!summary.nonFinite().isEmpty()) {
        throw new IllegalStateException("a fold overflowed: " + summary.nonFinite());
      }
      return plan.fusions().size();
    }
  }

  private static void generate(String kind, Path folder, Path source) throws IOException {
    ResNet net = new ResNet(kind.startsWith("resnet50x13") ? 13 : 1);
    if (!kind.endsWith("-lists")) {
      OnnxWriter.writeNew(net.model(), source);
      return;
    }
    Path raw = folder.resolve("resnet50x13.onnx");
    if (!Files.exists(raw)) {
      OnnxWriter.writeNew(net.model(), raw);
    }
    RawToLists.convert(raw, source);
  }

  /** Collects the parts of the network while it is laid out. */
  private static final class ResNet {
    private final List<Node> nodes = new ArrayList<>();
    private final List<Initializer> initializers = new ArrayList<>();
    private String last = "x";

    ResNet(int times) {
      int[] blocks = {3, 4, 6, 3};
      for (int time = 0; time < times; time++) {
        int channels = conv(time == 0 ? 3 : 2048, 64, 7, last);
        for (int stage = 0; stage < blocks.length; stage++) {
          int width = 64 << stage;
          for (int block = 0; block < blocks[stage]; block++) {
            String shortcut = last;
            if (block == 0) {
              String input = last;
              conv(channels, 4 * width, 1, input);
              shortcut = last;
              last = input;
            }
            conv(channels, width, 1, last);
            relu();
            conv(width, width, 3, last);
            relu();
            conv(width, 4 * width, 1, last);
            String sum = "sum" + nodes.size();
            node(OpKind.ADD, List.of(last, shortcut), sum, Map.of());
            relu();
            channels = 4 * width;
          }
        }
      }
    }

    private int conv(int in, int out, int kernel, String input) {
      String name = "conv" + nodes.size();
      constant(name + ".weight", 0.02, out, in, kernel, kernel);
      long pad = kernel / 2;
      node(
          OpKind.CONV,
          List.of(input, name + ".weight"),
          name,
          Map.of("pads", new Attribute.Ints(List.of(pad, pad, pad, pad))));
      for (String parameter : List.of("scale", "shift", "mean")) {
        constant(name + "." + parameter, 0.5, out);
      }
      constant(name + ".var", 1, out);
      node(
          OpKind.BATCH_NORMALIZATION,
          List.of(name, name + ".scale", name + ".shift", name + ".mean", name + ".var"),
          name + ".norm",
          Map.of());
      return out;
    }

    private void relu() {
      node(OpKind.RELU, List.of(last), "relu" + nodes.size(), Map.of());
    }

    private void node(
        OpKind kind, List<String> inputs, String output, Map<String, Attribute> attributes) {
      nodes.add(new Node(nodes.size(), output, kind, inputs, List.of(output), attributes));
      last = output;
    }

    private void constant(String name, double scale, long... dims) {
      Shape shape = Shape.of(dims);
      initializers.add(new Initializer(name, noise(shape, scale, name.hashCode())));
    }

    /** Positive numbers of one magnitude, different everywhere, that need no memory. */
    private static Tensor noise(Shape shape, double scale, int seed) {
      return new StoredTensor(
          ElementType.FLOAT,
          shape,
          (offset, destination) -> {
            ByteBuffer out = destination.order(ByteOrder.LITTLE_ENDIAN);
            for (int i = (int) (offset / Float.BYTES); out.hasRemaining(); i++) {
              int hash = (i + seed) * 0x9e37_79b9;
              out.putFloat((float) (scale * (0.5 + (hash >>> 8) * 0x1p-24)));
            }
          });
    }

    ModelGraph model() {
      Graph graph =
          new Graph(
              "resnet50",
              nodes,
              initializers,
              List.of(ValueInfo.untyped("x")),
              List.of(ValueInfo.untyped(last)));
      return new ModelGraph(8, Map.of("", 17L), graph, List.of());
    }
  }
}
