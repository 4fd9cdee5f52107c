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
package dev.fusewright.core.engine;

import dev.fusewright.core.graph.Attribute;
import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.graph.Initializer;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.OpKind;
import dev.fusewright.core.graph.ValueInfo;
import dev.fusewright.core.plan.FusionPlan;
import dev.fusewright.core.rule.fold.Rules;
import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.FilledTensor;
import dev.fusewright.core.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * How long a plan, and carrying it out, take for graphs of 1,000, 10,000 and 100,000 nodes.
 *
 * <p>Scenario: {@code mvn -q -pl fusion-core -Dfast test-compile}, then {@code java -cp
 * fusion-core/target/fast/test-classes:fusion-core/target/fast/classes
 * dev.fusewright.core.engine.LinearMatchingBench}. No test: times depend on the machine.
 */
public final class LinearMatchingBench {
  private static final int CHANNELS = 4;
  private static final int ROUNDS = 5;

  private final List<Node> nodes = new ArrayList<>();
  private final List<Initializer> initializers = new ArrayList<>();

  private LinearMatchingBench() {}

  /** Prints a table. */
  public static void main(String[] arguments) {
    System.out.println("graph            nodes   fusions   plan ms   apply ms   µs per node");
    for (int size : new int[] {1_000, 10_000, 100_000}) {
      measure("conv-bn-relu", chain(size, /* isShared= */ false));
      measure("residual", residual(size));
      measure("one norm for all", chain(size, /* isShared= */ true));
    }
  }

  private static void measure(String name, ModelGraph model) {
    FusionEngine engine = new FusionEngine(Rules.inference());
    double plan = Double.MAX_VALUE;
    double apply = Double.MAX_VALUE;
    int fusions = 0;
    for (int round = 0; round < ROUNDS; round++) {
      long start = System.nanoTime();
      FusionPlan made = engine.plan(model);
      long planned = System.nanoTime();
      made.apply();
      long applied = System.nanoTime();
      plan = Math.min(plan, (planned - start) / 1e6);
      apply = Math.min(apply, (applied - planned) / 1e6);
      fusions = made.fusions().size();
    }
    int size = model.graph().nodes().size();
    System.out.printf(
        "%-16s %7d %9d %9.1f %10.1f %13.2f%n",
        name, size, fusions, plan, apply, 1e3 * (plan + apply) / size);
  }

  private static ModelGraph chain(int size, boolean isShared) {
    LinearMatchingBench graph = new LinearMatchingBench();
    String value = "x";
    graph.norm("all");
    for (int i = 0; graph.nodes.size() + 3 <= size; i++) {
      value = graph.conv(value, i);
      value = graph.batchNorm(value, isShared ? "all" : graph.norm("n" + i), i);
      value = graph.node("Relu", "r" + i, value);
    }
    return graph.model(value);
  }

  private static ModelGraph residual(int size) {
    LinearMatchingBench graph = new LinearMatchingBench();
    String value = "x";
    for (int i = 0; graph.nodes.size() + 7 <= size; i++) {
      String inner = graph.conv(value, 2 * i);
      inner = graph.batchNorm(inner, graph.norm("n" + 2 * i), 2 * i);
      inner = graph.node("Relu", "r" + i, inner);
      inner = graph.conv(inner, 2 * i + 1);
      inner = graph.batchNorm(inner, graph.norm("n" + (2 * i + 1)), 2 * i + 1);
      String sum = graph.node("Add", "s" + i, inner, value);
      value = graph.node("Relu", "t" + i, sum);
    }
    return graph.model(value);
  }

  private String conv(String input, int i) {
    constant("w" + i, 0.5, CHANNELS, CHANNELS, 1, 1);
    return node("Conv", "c" + i, input, "w" + i);
  }

  private String batchNorm(String input, String norm, int i) {
    return node("BatchNormalization", "b" + i, input, norm, norm, norm, norm);
  }

  private String norm(String name) {
    constant(name, 1.5, CHANNELS);
    return name;
  }

  private void constant(String name, double value, long... dims) {
    initializers.add(
        new Initializer(name, new FilledTensor(ElementType.FLOAT, Shape.of(dims), value)));
  }

  private String node(String operator, String output, String... inputs) {
    nodes.add(
        new Node(
            nodes.size(),
            "",
            OpKind.onnx(operator),
            List.of(inputs),
            List.of(output),
            Map.<String, Attribute>of()));
    return output;
  }

  private ModelGraph model(String output) {
    Graph graph =
        new Graph(
            "bench",
            nodes,
            initializers,
            List.of(ValueInfo.untyped("x")),
            List.of(ValueInfo.untyped(output)));
    return new ModelGraph(8, Map.of("", 13L), graph, List.of());
  }
}
