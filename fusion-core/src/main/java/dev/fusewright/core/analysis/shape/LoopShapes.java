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
package dev.fusewright.core.analysis.shape;

import dev.fusewright.core.graph.Attribute;
import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.OpKind;
import dev.fusewright.core.graph.ValueInfo;
import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.core.tensor.Tensors;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Loop and Scan, by induction: the shape of a state is what it begins with, as far as the body
 * gives the same back for it.
 */
final class LoopShapes {
  private static final int MAX_ROUNDS = 4;
  private static final int MAX_STEPS = 64;

  /** A body, and the shapes that its states have in every round. */
  record Rounds(GraphScope body, List<SymbolicShape> states) {
    /**
     * With shapes that stay; unknown ones where none are found.
     *
     * @param inputs how the states stand among the inputs of the body
     * @param first index of the first state among the outputs of the body
     */
    static Rounds of(
        ValueScope scope, Graph graph, List<SymbolicShape> states, RoundInputs inputs, int first) {
      List<SymbolicShape> now = states;
      for (int round = 0; round < MAX_ROUNDS; round++) {
        GraphScope body = GraphScope.body(scope, graph, given(graph, inputs.of(now)));
        List<SymbolicShape> next = new ArrayList<>();
        for (int i = 0; i < now.size(); i++) {
          next.add(now.get(i).joined(Branches.output(body, first + i)));
        }
        if (next.equals(now)) {
          return new Rounds(body, now);
        }
        now = next;
      }
      List<SymbolicShape> none = Collections.nCopies(states.size(), SymbolicShape.UNKNOWN);
      return new Rounds(GraphScope.body(scope, graph, given(graph, inputs.of(none))), none);
    }

    private static Map<String, ValueFacts> given(Graph graph, List<SymbolicShape> shapes) {
      Map<String, ValueFacts> given = new HashMap<>();
      int index = 0;
      for (ValueInfo input : graph.inputs()) {
        SymbolicShape shape = index < shapes.size() ? shapes.get(index) : SymbolicShape.UNKNOWN;
        given.put(input.name(), ValueFacts.of(shape));
        index++;
      }
      return given;
    }
  }

  /** The inputs of a body, where its states have certain shapes. */
  interface RoundInputs {
    List<SymbolicShape> of(List<SymbolicShape> states);
  }

  private LoopShapes() {}

  /** The shapes of the outputs; null where the operator is of another family. */
  static @Nullable List<SymbolicShape> infer(InferenceCall call) {
    return switch (call.node().op().type()) {
      case "Loop" -> loop(call);
      case "Scan" -> scan(call);
      default -> null;
    };
  }

  private static List<SymbolicShape> loop(InferenceCall call) {
    int states = Math.max(0, call.inputCount() - 2);
    Rounds rounds = loopRounds(call);
    List<SymbolicShape> results = new ArrayList<>();
    for (int i = 0; i < call.node().outputs().size(); i++) {
      if (i < states) {
        results.add(rounds == null ? SymbolicShape.UNKNOWN : rounds.states().get(i));
      } else {
        SymbolicShape each =
            rounds == null ? SymbolicShape.UNKNOWN : Branches.output(rounds.body(), i + 1);
        results.add(stacked(each, 0, SymbolicDim.UNKNOWN));
      }
    }
    return results;
  }

  /** The body of a Loop: its first two inputs are a counter and a condition. */
  static @Nullable Rounds loopRounds(InferenceCall call) {
    if (!(call.node().attributes().get("body") instanceof Attribute.Body body)) {
      return null;
    }
    List<SymbolicShape> initial = new ArrayList<>();
    for (int i = 2; i < call.inputCount(); i++) {
      initial.add(call.shape(i));
    }
    RoundInputs inputs =
        states -> {
          List<SymbolicShape> all = new ArrayList<>(Collections.nCopies(2, SymbolicShape.UNKNOWN));
          all.addAll(states);
          return all;
        };
    return Rounds.of(call.scope(), body.value(), initial, inputs, /* first= */ 1);
  }

  /** How often the body of a Loop is run, where that is decided before it begins. */
  static SymbolicDim loopTrips(InferenceCall call) {
    SymbolicDim trips = call.number(0);
    boolean isEndless = !call.has(1) || isTrue(call.constant(1));
    return trips != null && trips.isAtLeast(0) && isEndless && keepsOn(call)
        ? trips
        : SymbolicDim.UNKNOWN;
  }

  /** Whether the body of a Loop never asks for its end. */
  private static boolean keepsOn(InferenceCall call) {
    Rounds rounds = loopRounds(call);
    if (rounds == null || rounds.body().graph().outputs().isEmpty()) {
      return false;
    }
    GraphScope body = rounds.body();
    String condition = body.graph().outputs().get(0).name();
    Node producer = body.producer(condition);
    for (int steps = 0;
        producer != null && producer.is(OpKind.IDENTITY) && steps < MAX_STEPS;
        steps++) {
      condition = producer.input(0);
      producer = body.producer(condition);
    }
    boolean isPassedOn =
        body.graph().inputs().size() > 1 && condition.equals(body.graph().inputs().get(1).name());
    return isPassedOn || isTrue(body.shapes().facts(condition).constant());
  }

  private static boolean isTrue(@Nullable Tensor condition) {
    return condition != null
        && condition.type() == ElementType.BOOL
        && condition.shape().elementCount() == 1
        && Tensors.doubles(condition, 1)[0] != 0;
  }

  private static List<SymbolicShape> scan(InferenceCall call) {
    Rounds rounds = scanRounds(call);
    int states = call.inputCount() - scanned(call);
    List<SymbolicShape> results = new ArrayList<>();
    long[] axes = call.ints("scan_output_axes");
    for (int i = 0; rounds != null && i < call.node().outputs().size(); i++) {
      if (i < states) {
        results.add(rounds.states().get(i));
      } else {
        long axis = axes == null ? 0 : i - states < axes.length ? axes[i - states] : -1L << 32;
        results.add(stacked(Branches.output(rounds.body(), i), axis, trips(call)));
      }
    }
    return results;
  }

  private static int scanned(InferenceCall call) {
    long count = call.integer("num_scan_inputs", 0);
    return (int) Math.max(0, Math.min(count, call.inputCount()));
  }

  /** The body of a Scan: its states come first. */
  static @Nullable Rounds scanRounds(InferenceCall call) {
    boolean isBatched = call.opset() < 9;
    if (isBatched || !(call.node().attributes().get("body") instanceof Attribute.Body body)) {
      return null;
    }
    int states = call.inputCount() - scanned(call);
    List<SymbolicShape> initial = new ArrayList<>();
    List<SymbolicShape> slices = new ArrayList<>();
    for (int i = 0; i < call.inputCount(); i++) {
      if (i < states) {
        initial.add(call.shape(i));
      } else {
        slices.add(slice(call, i, i - states));
      }
    }
    RoundInputs inputs =
        now -> {
          List<SymbolicShape> all = new ArrayList<>(now);
          all.addAll(slices);
          return all;
        };
    return Rounds.of(call.scope(), body.value(), initial, inputs, /* first= */ 0);
  }

  /** How often the body of a Scan is run. */
  static SymbolicDim trips(InferenceCall call) {
    int first = call.inputCount() - scanned(call);
    SymbolicShape scanned = call.shape(first);
    return scanned.dim(scanAxis(call, first, 0)).weakened(scanned.basis());
  }

  private static int scanAxis(InferenceCall call, int input, int index) {
    long[] axes = call.ints("scan_input_axes");
    long axis = axes == null ? 0 : index < axes.length ? axes[index] : -1L << 32;
    return InferenceCall.axis(axis, call.shape(input).rank());
  }

  private static SymbolicShape slice(InferenceCall call, int input, int index) {
    SymbolicShape whole = call.shape(input);
    int axis = scanAxis(call, input, index);
    if (axis < 0) {
      return SymbolicShape.UNKNOWN;
    }
    List<SymbolicDim> dims = new ArrayList<>(whole.sizes());
    dims.remove(axis);
    return whole.withDims(dims);
  }

  private static SymbolicShape stacked(SymbolicShape each, long along, SymbolicDim count) {
    int axis = InferenceCall.axis(along, each.rank() + 1);
    if (!each.hasRank() || axis < 0) {
      return SymbolicShape.UNKNOWN;
    }
    List<SymbolicDim> dims = new ArrayList<>(each.sizes());
    dims.add(axis, count);
    return each.withDims(dims);
  }
}
