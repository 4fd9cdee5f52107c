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
package dev.fusewright.core.rule.fold;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.fusewright.core.analysis.shape.ShapeInference;
import dev.fusewright.core.engine.FusionEngine;
import dev.fusewright.core.graph.Attribute;
import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.graph.Initializer;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.OpKind;
import dev.fusewright.core.graph.ValueInfo;
import dev.fusewright.core.plan.FusionPlan;
import dev.fusewright.core.proof.FusionProof;
import dev.fusewright.core.tensor.LiteralTensor;
import dev.fusewright.core.text.GraphText;
import dev.fusewright.core.verdict.Verdict;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Every rule's own example, and every example with something put in that changes nothing, at each
 * of its values: what is fused of it is proven by certificate and site check, and nothing is
 * dropped.
 */
class ProvenExamplesTest {
  private static final int AXES_ARE_OPERANDS_SINCE = 13;

  /** What is put in; each leaves the value as it is. */
  private enum Inserted {
    IDENTITY,
    DROPOUT,
    TRANSPOSE_PAIR,
    UNSQUEEZE_PAIR
  }

  @TestFactory
  Stream<DynamicTest> what_is_fused_of_an_example_is_proven() {
    return examples().map(example -> dynamicTest(example.name(), () -> assertFused(example)));
  }

  @TestFactory
  Stream<DynamicTest> an_identity_or_a_dropout_anywhere_in_an_example_costs_no_fusion() {
    return examples()
        .flatMap(example -> enlarged(example, Set.of(Inserted.IDENTITY, Inserted.DROPOUT)))
        .map(example -> dynamicTest(example.name(), () -> assertFused(example)));
  }

  /** A pair may keep a rule from firing; what is fused all the same is sound. */
  @TestFactory
  Stream<DynamicTest> what_is_fused_of_an_example_with_a_pair_anywhere_in_it_is_proven() {
    return examples()
        .flatMap(
            example -> enlarged(example, Set.of(Inserted.TRANSPOSE_PAIR, Inserted.UNSQUEEZE_PAIR)))
        .map(example -> dynamicTest(example.name(), () -> assertProven(example)));
  }

  private record Example(String name, ModelGraph model) {}

  private static Stream<Example> examples() {
    return Rules.inference().stream()
        .map(rule -> rule.info())
        .map(rule -> new Example(rule.id(), GraphText.parse(rule.example())));
  }

  private static void assertFused(Example example) {
    assertThat(assertProven(example).fusions()).isNotEmpty();
  }

  private static FusionPlan assertProven(Example example) {
    FusionPlan plan = new FusionEngine(Rules.inference()).plan(example.model());
    ModelGraph fused = plan.apply();

    FusionProof proof = FusionProof.of(plan, fused, 1);

    assertThat(proof.certificate().verdict())
        .as(proof.certificate().reason())
        .isEqualTo(Verdict.EQUIVALENT);
    assertThat(proof.site().verdict()).as(proof.site().reason()).isEqualTo(Verdict.EQUIVALENT);
    assertThat(proof.culprits()).isEmpty();
    assertThat(proof.assumptions()).isEmpty();
    FoldProof.same(example.model(), fused);
    return plan;
  }

  private static Stream<Example> enlarged(Example example, Set<Inserted> kinds) {
    ShapeInference shapes = ShapeInference.of(example.model());
    List<Example> enlarged = new ArrayList<>();
    for (String value : data(example.model().graph())) {
      for (Inserted inserted : Inserted.values()) {
        boolean isAsked = kinds.contains(inserted);
        int rank = shapes.rank(value);
        if (isAsked && rank >= 2) {
          enlarged.add(
              new Example(
                  "%s, %s at %s".formatted(example.name(), inserted, value),
                  with(example.model(), value, inserted, rank)));
        }
      }
    }
    return enlarged.stream();
  }

  /** The inputs of a graph, and what follows from them. */
  private static Set<String> data(Graph graph) {
    Set<String> data = new LinkedHashSet<>();
    graph.inputs().forEach(input -> data.add(input.name()));
    for (Node node : graph.nodes()) {
      if (node.inputs().stream().anyMatch(data::contains)) {
        data.addAll(node.outputs());
      }
    }
    return data;
  }

  /** The model where readers of a value take it from what is put in after it. */
  private static ModelGraph with(ModelGraph model, String value, Inserted inserted, int rank) {
    Graph graph = model.graph();
    boolean isOutput =
        graph.outputs().stream().map(ValueInfo::name).anyMatch(output -> output.equals(value));
    String from = isOutput ? value + "_before" : value;
    String to = isOutput ? value : value + "_after";
    List<Initializer> constants = new ArrayList<>(graph.initializers());
    List<Node> nodes = new ArrayList<>();
    int unused = 1000;
    for (Node node : graph.nodes()) {
      List<String> outputs = replaced(node.outputs(), value, from);
      nodes.add(node.withOutputs(outputs).withInputs(replaced(node.inputs(), value, to)));
    }
    long opset = model.opsets().getOrDefault("", 1L);
    switch (inserted) {
      case IDENTITY -> nodes.add(node(unused, "Identity", from, to, Map.of()));
      case DROPOUT -> nodes.add(node(unused, "Dropout", from, to, Map.of()));
      case TRANSPOSE_PAIR -> {
        Map<String, Attribute> order = Map.of("perm", swapped(rank));
        nodes.add(node(unused, "Transpose", from, to + "_turned", order));
        nodes.add(node(unused + 1, "Transpose", to + "_turned", to, order));
      }
      case UNSQUEEZE_PAIR -> {
        Map<String, Attribute> axes = Map.of("axes", new Attribute.Ints(List.of(2L)));
        Node first = node(unused, "Unsqueeze", from, to + "_wide", axes);
        Node second = node(unused + 1, "Squeeze", to + "_wide", to, axes);
        if (opset >= AXES_ARE_OPERANDS_SINCE) {
          constants.add(new Initializer("axis_two", LiteralTensor.ofLongs(2)));
          first = first.withoutAttribute("axes").withInput(1, "axis_two");
          second = second.withoutAttribute("axes").withInput(1, "axis_two");
        }
        nodes.add(first);
        nodes.add(second);
      }
    }
    return model.withGraph(graph.withNodes(nodes).withInitializers(constants));
  }

  private static List<String> replaced(List<String> names, String value, String by) {
    return names.stream().map(name -> name.equals(value) ? by : name).toList();
  }

  private static Node node(
      int id, String operator, String from, String to, Map<String, Attribute> attributes) {
    return new Node(id, "", OpKind.onnx(operator), List.of(from), List.of(to), attributes);
  }

  /** The second axis with the last. */
  private static Attribute swapped(int rank) {
    List<Long> order = new ArrayList<>(LongStream.range(0, rank).boxed().toList());
    order.set(rank == 2 ? 0 : 1, rank - 1L);
    order.set(rank - 1, rank == 2 ? 0L : 1L);
    return new Attribute.Ints(order);
  }
}
