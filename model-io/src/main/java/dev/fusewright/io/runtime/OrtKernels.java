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
package dev.fusewright.io.runtime;

import dev.fusewright.core.graph.OpKind;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Operators that ONNX Runtime's CPU provider can run: it has a kernel, or the standard has a
 * function body, for some element types at least.
 *
 * <p>That ONNX Runtime knows an operator's schema is not enough: it knows those of TensorRT's
 * plugins, say, and runs none of them. Read from {@code cpu-kernels.tsv}, which {@code
 * src/oracles/ort_kernels.py} makes of the runtime itself.
 */
final class OrtKernels {
  private static final String TABLE = "cpu-kernels.tsv";

  /** Loaded once. */
  static final OrtKernels INSTANCE = read();

  private final Map<OpKind, List<Versions>> operators;

  private OrtKernels(Map<OpKind, List<Versions>> operators) {
    this.operators = operators;
  }

  /** Versions of an operator set, both included. */
  private record Versions(long first, long last) {
    boolean contain(long version) {
      return first <= version && version <= last;
    }
  }

  /** Whether the operator can be run in this version of its operator set. */
  boolean have(OpKind operator, long version) {
    return operators.getOrDefault(operator, List.of()).stream()
        .anyMatch(versions -> versions.contain(version));
  }

  private static OrtKernels read() {
    Map<OpKind, List<Versions>> operators = new HashMap<>();
    InputStream table = Objects.requireNonNull(OrtKernels.class.getResourceAsStream(TABLE), TABLE);
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(table, StandardCharsets.UTF_8))) {
      lines
          .lines()
          .filter(line -> !line.startsWith("#"))
          .map(line -> line.split("\t", -1))
          .forEach(
              columns ->
                  operators
                      .computeIfAbsent(new OpKind(columns[0], columns[1]), key -> new ArrayList<>())
                      .add(
                          new Versions(
                              Long.parseLong(columns[2]),
                              columns[3].isEmpty() ? Long.MAX_VALUE : Long.parseLong(columns[3]))));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new OrtKernels(operators);
  }
}
