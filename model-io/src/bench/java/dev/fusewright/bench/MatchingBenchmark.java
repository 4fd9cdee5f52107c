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
package dev.fusewright.bench;

import dev.fusewright.core.engine.FusionEngine;
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
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What a plan costs as graphs grow: it must grow as they do. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 2, time = 2)
@Measurement(iterations = 3, time = 3)
@Fork(1)
public class MatchingBenchmark {
  /** Nodes of the graph. */
  @Param({"1000", "10000", "100000"})
  public int nodes = 0;

  /** Its shape. */
  @Param public Form form = Form.CHAIN;

  private final FusionEngine engine = new FusionEngine(Rules.inference());
  private ModelGraph model;

  /** Shape of the graph that is planned. */
  public enum Form {
    /** Conv, BatchNormalization, Relu, again and again. */
    CHAIN,
    /** Two of these, and the Add of what came in. */
    RESIDUAL,
    /** A chain whose norms all read the same parameters. */
    ONE_NORM_FOR_ALL
  }

  /** Lays the graph out. */
  @Setup(Level.Trial)
  public void build() {
    model =
        switch (form) {
          case CHAIN -> Layout.chain(nodes, /* isShared= */ false);
          case RESIDUAL -> Layout.residual(nodes);
          case ONE_NORM_FOR_ALL -> Layout.chain(nodes, /* isShared= */ true);
        };
  }

  /** Every rule at every node. */
  @Benchmark
  public FusionPlan plan() {
    return engine.plan(model);
  }

  /** The same, and the graph that comes of it. */
  @Benchmark
  public Object planAndApply() {
    return engine.plan(model).apply();
  }

  /** Collects the parts of a graph while it is laid out. */
  private static final class Layout {
    private static final int CHANNELS = 4;

    private final List<Node> nodes = new ArrayList<>();
    private final List<Initializer> initializers = new ArrayList<>();

    private static ModelGraph chain(int size, boolean isShared) {
      Layout graph = new Layout();
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
      Layout graph = new Layout();
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
}
