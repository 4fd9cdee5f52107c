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

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.fusewright.core.engine.FusionEngine;
import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.rule.fold.Rules;
import dev.fusewright.core.testing.UsesPython;
import dev.fusewright.core.testing.UsesRealModels;
import dev.fusewright.io.testing.Python;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Of every real model at least as many BatchNormalization, Mul and Add nodes go as ONNX Runtime's
 * basic level takes away. Where an exception is named, there is one.
 */
@UsesPython
@UsesRealModels
class OrtBasicOracleTest {
  private static final List<String> FOLDABLE = List.of("BatchNormalization", "Mul", "Add");

  /** By file and operator, what ONNX Runtime takes away and we rightly leave. */
  private static final Map<String, Integer> EXCEPTIONS =
      Map.of(
          // Its norm has parameters of the wrong length: ONNX Runtime folds it all the same.
          "fuse-matmul-bn-only-reshape.onnx BatchNormalization", 1);

  /** Off: ONNX Runtime stores weights that the file computes, however large they are. */
  private static final double MAX_GROWTH = 1e9;

  /** What ONNX Runtime does not even load: float16 data with float parameters at opset 7. */
  private static final String UNREADABLE = "batch_norm_1d_test.onnx";

  @TestFactory
  Stream<DynamicTest> as_many_nodes_go_as_onnx_runtime_takes_away() {
    List<Path> files = Fixtures.real();
    Map<String, Path> byName = new TreeMap<>();
    files.forEach(file -> byName.put(Fixtures.realName(file), file));
    List<JsonObject> rows =
        Python.TORCH2
            .run("ort_basic.py", "--freeze", Fixtures.realFolder())
            .lines()
            .map(line -> JsonParser.parseString(line).getAsJsonObject())
            .toList();
    assertThat(rows)
        .extracting(row -> row.get("model").getAsString())
        .containsExactlyInAnyOrderElementsOf(byName.keySet());
    return rows.stream().map(row -> comparison(byName.get(row.get("model").getAsString()), row));
  }

  private static DynamicTest comparison(Path file, JsonObject row) {
    Map<String, Integer> before = new TreeMap<>();
    Map<String, Integer> after = new TreeMap<>();
    try (OnnxCheckpoint model = OnnxReader.read(file)) {
      count(model.graph().graph(), before);
      count(
          new FusionEngine(Rules.inference())
              .withMaxGrowth(MAX_GROWTH)
              .plan(model.graph().frozen())
              .apply()
              .graph(),
          after);
    }
    String figures =
        FOLDABLE.stream()
            .filter(before::containsKey)
            .map(
                type ->
                    "%s %d, here %d, there %s"
                        .formatted(
                            type, before.get(type), after.getOrDefault(type, 0), left(row, type)))
            .collect(Collectors.joining("; "));
    return dynamicTest(
        Fixtures.realName(file) + ": " + figures, () -> assertNoMoreLeft(file, row, after));
  }

  private static void assertNoMoreLeft(Path file, JsonObject row, Map<String, Integer> after) {
    String name = file.getFileName().toString();
    if (name.equals(UNREADABLE)) {
      assertThat(row.has("error")).isTrue();
      return;
    }
    assertThat(row.has("error")).as("%s", row).isFalse();
    for (String type : FOLDABLE) {
      int more = after.getOrDefault(type, 0) - Integer.parseInt(left(row, type));
      Integer exception = EXCEPTIONS.get(name + " " + type);
      if (exception == null) {
        assertThat(more).as("%s left of %s", type, name).isNotPositive();
      } else {
        assertThat(more).as("%s left of %s", type, name).isEqualTo(exception);
      }
    }
  }

  /** How many ONNX Runtime leaves. */
  private static String left(JsonObject row, String type) {
    if (!row.has("after")) {
      return "not loaded";
    }
    JsonObject counts = row.getAsJsonObject("after");
    return counts.has(type) ? counts.get(type).getAsString() : "0";
  }

  private static void count(Graph graph, Map<String, Integer> counts) {
    for (Node node : graph.nodes()) {
      counts.merge(node.op().type(), 1, Integer::sum);
      node.bodies().forEach(body -> count(body, counts));
    }
  }
}
