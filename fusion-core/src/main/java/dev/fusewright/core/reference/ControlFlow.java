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
package dev.fusewright.core.reference;

import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Operators with bodies. */
final class ControlFlow {
  static final Map<String, Operator> OPERATORS =
      Map.of("If", ControlFlow::branch, "Loop", ControlFlow::loop, "Scan", ControlFlow::scan);

  private ControlFlow() {}

  private static List<NdArray> branch(OpCall call) {
    boolean condition = call.input(0).values()[0] != 0;
    return call.run(call.body(condition ? "then_branch" : "else_branch"), List.of());
  }

  private static List<NdArray> loop(OpCall call) {
    Graph body = call.body("body");
    @Nullable NdArray trips = call.optional(0);
    @Nullable NdArray first = call.optional(1);
    double limit = trips == null ? Double.POSITIVE_INFINITY : trips.values()[0];
    boolean goesOn = first == null || first.values()[0] != 0;
    List<NdArray> carried = new ArrayList<>();
    for (int i = 2; i < call.inputCount(); i++) {
      carried.add(call.input(i));
    }
    int count = carried.size();
    int scanned = body.outputs().size() - 1 - count;
    List<List<NdArray>> collected = lists(scanned);
    for (long i = 0; i < limit && goesOn; i++) {
      call.spend(EvaluationBudget.PER_NODE);
      List<NdArray> inputs = new ArrayList<>();
      inputs.add(NdArray.ofLongs(Shape.SCALAR, i));
      inputs.add(NdArray.scalar(ElementType.BOOL, 1));
      inputs.addAll(carried);
      List<NdArray> outputs = call.run(body, inputs);
      goesOn = outputs.get(0).values()[0] != 0;
      carried = outputs.subList(1, 1 + count);
      for (int k = 0; k < scanned; k++) {
        call.keep(outputs.get(1 + count + k));
        collected.get(k).add(outputs.get(1 + count + k));
      }
    }
    List<NdArray> results = new ArrayList<>(carried);
    collected.forEach(slices -> results.add(stacked(call, slices, 0)));
    return results;
  }

  private static List<NdArray> scan(OpCall call) {
    if (call.opset() < 9) {
      throw call.unsupported("Scan with a batch axis, before operator set 9");
    }
    Graph body = call.body("body");
    int scannedInputs = Math.toIntExact(call.integer("num_scan_inputs", 0));
    int states = call.inputCount() - scannedInputs;
    int scannedOutputs = body.outputs().size() - states;
    int[] inputAxes = call.ints("scan_input_axes", scannedInputs, 0);
    int[] inputDirections = call.ints("scan_input_directions", scannedInputs, 0);
    int[] outputAxes = call.ints("scan_output_axes", scannedOutputs, 0);
    int[] outputDirections = call.ints("scan_output_directions", scannedOutputs, 0);
    List<NdArray> carried = call.allInputs().subList(0, states);
    List<NdArray> sequences = call.allInputs().subList(states, call.inputCount());
    int length = sequences.get(0).dim(call.axis(inputAxes[0], sequences.get(0).rank()));
    List<List<NdArray>> collected = lists(scannedOutputs);
    for (int i = 0; i < length; i++) {
      List<NdArray> inputs = new ArrayList<>(carried);
      for (int k = 0; k < scannedInputs; k++) {
        NdArray sequence = sequences.get(k);
        int axis = call.axis(inputAxes[k], sequence.rank());
        inputs.add(slice(sequence, axis, inputDirections[k] == 0 ? i : length - 1 - i));
      }
      List<NdArray> outputs = call.run(body, inputs);
      carried = outputs.subList(0, states);
      for (int k = 0; k < scannedOutputs; k++) {
        call.keep(outputs.get(states + k));
        List<NdArray> slices = collected.get(k);
        slices.add(outputDirections[k] == 0 ? slices.size() : 0, outputs.get(states + k));
      }
    }
    List<NdArray> results = new ArrayList<>(carried);
    for (int k = 0; k < scannedOutputs; k++) {
      results.add(stacked(call, collected.get(k), outputAxes[k]));
    }
    return results;
  }

  private static List<List<NdArray>> lists(int count) {
    List<List<NdArray>> lists = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      lists.add(new ArrayList<>());
    }
    return lists;
  }

  /** One place along an axis, without that axis. */
  private static NdArray slice(NdArray array, int axis, int place) {
    List<Long> dims = new ArrayList<>(array.shape().dims());
    dims.remove(axis);
    return Strided.part(array, axis, place, 1).reshaped(new Shape(dims));
  }

  /** Arrays of one shape along a new axis. */
  private static NdArray stacked(OpCall call, List<NdArray> slices, int axis) {
    if (slices.isEmpty()) {
      throw call.unsupported("collecting the results of no iterations");
    }
    int at = call.axis(axis, slices.get(0).rank() + 1);
    List<NdArray> parts = new ArrayList<>();
    for (NdArray slice : slices) {
      List<Long> dims = new ArrayList<>(slice.shape().dims());
      dims.add(at, 1L);
      parts.add(slice.reshaped(new Shape(dims)));
    }
    return Rearrangements.concatenated(call, parts, at);
  }
}
