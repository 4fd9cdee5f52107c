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
import dev.fusewright.core.plan.FusionPlan;
import dev.fusewright.core.proof.FusionProof;
import dev.fusewright.core.rule.fold.Rules;
import dev.fusewright.io.Formats;
import dev.fusewright.io.format.GraphCheckpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * One model from reading to proof, warm: each step by itself, beside a copy of the file. {@code -p
 * model=FILE} takes any model that has a graph.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class ModelBenchmark {
  private static final long SEED = 1;

  /** File of the model; relative ones are looked for in the folder of the build. */
  @Param({"src/models/resnet18.onnx", "src/models/mobilenet_v2.onnx"})
  public String model = "";

  private final FusionEngine engine = new FusionEngine(Rules.inference());
  private Path source = Path.of("");
  private Path target = Path.of("");
  private GraphCheckpoint read;
  private FusionPlan plan;
  private GraphCheckpoint written;

  /** Reads, plans and writes the model once. */
  @Setup(Level.Trial)
  public void open() throws IOException {
    source = Path.of(System.getProperty("fusewright.home", "")).resolve(model);
    target = Files.createTempFile("model-benchmark", ".onnx");
    read = Formats.openGraph(source);
    plan = engine.plan(read.graph());
    read.write(plan.apply(), Map.of(), target);
    written = Formats.openGraph(target);
  }

  /** Removes what {@link #open} made. */
  @TearDown(Level.Trial)
  public void close() throws IOException {
    written.close();
    read.close();
    Files.delete(target);
  }

  /** What a fold is held against. */
  @Benchmark
  public Path copyTheFile() throws IOException {
    return Files.copy(source, fresh(), StandardCopyOption.REPLACE_EXISTING);
  }

  /** Read, plan and write. */
  @Benchmark
  public Object fold() throws IOException {
    try (GraphCheckpoint opened = Formats.openGraph(source)) {
      return opened.write(engine.plan(opened.graph()).apply(), Map.of(), fresh());
    }
  }

  /** The structure only: no weight is read. */
  @Benchmark
  public Object read() throws IOException {
    try (GraphCheckpoint opened = Formats.openGraph(source)) {
      return opened.graph();
    }
  }

  /** Every rule at every node, with the parameters' values. */
  @Benchmark
  public Object plan() {
    return engine.plan(read.graph());
  }

  /** The weights as they are written. */
  @Benchmark
  public Object write() throws IOException {
    return read.write(plan.apply(), Map.of(), fresh());
  }

  /** Certificate and site check of every fusion. */
  @Benchmark
  public Object certificates() {
    return FusionProof.of(plan, written.graph(), SEED);
  }

  private Path fresh() throws IOException {
    Path file = target.resolveSibling(target.getFileName() + ".again");
    Files.deleteIfExists(file);
    return file;
  }
}
