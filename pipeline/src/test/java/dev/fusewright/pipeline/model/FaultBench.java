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
package dev.fusewright.pipeline.model;

import dev.fusewright.core.engine.FusionEngine;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.rule.fold.Rules;
import dev.fusewright.core.testing.InjectedFault;
import dev.fusewright.core.verdict.LevelVerdict;
import dev.fusewright.core.verdict.Verdict;
import dev.fusewright.core.verify.CheckOptions;
import dev.fusewright.core.verify.OutputFigures;
import dev.fusewright.io.Formats;
import dev.fusewright.io.format.GraphCheckpoint;
import dev.fusewright.io.runtime.RunnerOptions;
import dev.fusewright.io.runtime.RunnerPool;
import dev.fusewright.io.runtime.VerifyModels;
import dev.fusewright.io.storage.Staging;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What the whole-model check alone makes of faults: {@link InjectedFault} of every kind, at three
 * sites of each model and in three sizes, folded as the original is; and of the right fold.
 *
 * <pre>
 * java -cp "pipeline/target/test-classes:fusion-core/target/test-classes:deploy/target/lib/*" \
 *     dev.fusewright.pipeline.model.FaultBench MODEL.onnx...
 * </pre>
 */
public final class FaultBench {
  private static final List<Double> SITES = List.of(0.1, 0.5, 0.9);

  private final VerifyModels check;
  private final Path candidate;
  private final Map<InjectedFault, Counts> byKind = new EnumMap<>(InjectedFault.class);
  private final List<String> misses = new ArrayList<>();

  private FaultBench(RunnerPool pool, Path candidate) {
    this.check = new VerifyModels(pool);
    this.candidate = candidate;
    Arrays.stream(InjectedFault.values()).forEach(kind -> byKind.put(kind, new Counts()));
  }

  /** Prints one line for each model, the table by kind, and every fault that was not caught. */
  public static void main(String[] models) throws IOException {
    Path candidate = Files.createTempFile("fault-bench", ".onnx");
    try (RunnerPool pool = new RunnerPool(RunnerOptions.forProcesses(1))) {
      FaultBench bench = new FaultBench(pool, candidate);
      for (String model : models) {
        bench.measure(Path.of(model));
      }
      bench.print();
    } finally {
      Files.delete(candidate);
    }
  }

  private void measure(Path original) throws IOException {
    String sha256 = Staging.sha256(original);
    CheckOptions options = CheckOptions.of(Long.parseUnsignedLong(sha256.substring(0, 16), 16));
    try (GraphCheckpoint model = Formats.openGraph(original)) {
      LevelVerdict right = verdict(original, model.graph(), options, "the right fold");
      Counts counts = new Counts();
      for (InjectedFault fault : InjectedFault.values()) {
        for (double site : SITES) {
          for (double size : InjectedFault.SIZES) {
            Optional<ModelGraph> faulty = fault.inject(model.graph(), site, size);
            if (faulty.isPresent()) {
              String what =
                  String.format(
                      Locale.ROOT,
                      "%s %s at %.1f, %.0e",
                      original.getFileName(),
                      fault,
                      site,
                      size);
              LevelVerdict found = verdict(original, faulty.get(), options, what);
              counts.add(found.verdict());
              byKind.get(fault).add(found.verdict());
            }
          }
        }
      }
      System.out.printf("%s: right fold %s; faults %s%n", original.getFileName(), right, counts);
    }
  }

  private LevelVerdict verdict(Path original, ModelGraph faulty, CheckOptions options, String what)
      throws IOException {
    ModelGraph folded = new FusionEngine(Rules.inference()).plan(faulty).apply();
    Formats.onnx().write(folded, candidate);
    var result = check.compare(original, candidate, options);
    LevelVerdict found = result.verdict();
    if (found.verdict() != Verdict.DIFFERENT) {
      double floors =
          result.outputs().stream()
              .filter(output -> output.noiseFloor() != null)
              .mapToDouble(FaultBench::floors)
              .max()
              .orElse(0);
      misses.add(
          String.format(
              Locale.ROOT,
              "%s: %s, %.1f noise floors: %s",
              what,
              found.verdict(),
              floors,
              found.reason()));
    }
    return found;
  }

  private static double floors(OutputFigures output) {
    return output.comparison().error() / Math.max(1e-12, output.noiseFloor());
  }

  private void print() {
    misses.forEach(System.out::println);
    byKind.forEach((kind, counts) -> System.out.printf("%-32s %s%n", kind, counts));
    Counts all = new Counts();
    byKind.values().forEach(all::add);
    System.out.printf("%-32s %s%n", "all", all);
  }

  /** Verdicts counted. */
  private static final class Counts {
    private final Map<Verdict, Integer> counts = new EnumMap<>(Verdict.class);

    void add(Verdict verdict) {
      counts.merge(verdict, 1, Integer::sum);
    }

    void add(Counts other) {
      other.counts.forEach((verdict, count) -> counts.merge(verdict, count, Integer::sum));
    }

    @Override
    public String toString() {
      return "%d caught, %d passed, %d inconclusive"
          .formatted(
              counts.getOrDefault(Verdict.DIFFERENT, 0),
              counts.getOrDefault(Verdict.EQUIVALENT, 0),
              counts.getOrDefault(Verdict.INCONCLUSIVE, 0));
    }
  }
}
