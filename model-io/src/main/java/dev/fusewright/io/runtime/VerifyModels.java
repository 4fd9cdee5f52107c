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

import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.verdict.InconclusiveReason;
import dev.fusewright.core.verdict.LevelVerdict;
import dev.fusewright.core.verify.CheckOptions;
import dev.fusewright.core.verify.ModelCheck;
import dev.fusewright.core.verify.ModelComparison;
import dev.fusewright.core.verify.ReferenceRunner;
import dev.fusewright.core.verify.RunnerPair;
import dev.fusewright.core.verify.Truth;
import dev.fusewright.core.verify.inputs.ModelFacts;
import dev.fusewright.core.verify.structure.InterfaceByPlace;
import dev.fusewright.io.Formats;
import dev.fusewright.io.file.CheckpointException;
import dev.fusewright.io.file.TooLargeException;
import dev.fusewright.io.format.GraphCheckpoint;
import dev.fusewright.io.format.Translation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Compares any two files with a graph, whoever made the second.
 *
 * <p>Only inputs and outputs must have the same names, types and shapes, where their formats have
 * names for them; where they do not, the verdict says how they differ. The files are run by ONNX
 * Runtime, and where that cannot run the original by the float64 reference; TorchScript archives
 * that cannot be said in ONNX's terms by PyTorch, where the user named one.
 */
public final class VerifyModels {
  private final RunnerPool pool;
  private final @Nullable TorchRunners torch;

  /** A comparison that runs the models in the children of {@code pool}. */
  public VerifyModels(RunnerPool pool) {
    this(pool, null);
  }

  /**
   * The same, which leaves TorchScript archives with operators that nothing here computes to
   * PyTorch.
   *
   * @param torch null where the user named none
   */
  public VerifyModels(RunnerPool pool, @Nullable TorchRunners torch) {
    this.pool = pool;
    this.torch = torch;
  }

  /**
   * Compares two files.
   *
   * @param options of which the facts are replaced by those of the original
   * @throws CheckpointException if one of the files cannot be read
   */
  public ModelComparison compare(Path original, Path candidate, CheckOptions options) {
    try (GraphCheckpoint before = Formats.openGraph(original);
        GraphCheckpoint after = Formats.openGraph(candidate)) {
      if (isRunAsItIs(before) && isRunAsItIs(after)) {
        return compare(original, before.graph(), candidate, after.graph(), options);
      }
      return compareTranslated(original, before, candidate, after, options);
    }
  }

  /**
   * The second model as it is held against the first: where one of their formats has no names for
   * inputs and outputs, with the first's names at their places.
   *
   * @param before graph of the first file, or what it is in ONNX's terms
   * @param after the same of the second
   */
  public static InterfaceByPlace paired(
      GraphCheckpoint first, ModelGraph before, GraphCheckpoint second, ModelGraph after) {
    return first.format().namesItsInterface() && second.format().namesItsInterface()
        ? InterfaceByPlace.named(after)
        : InterfaceByPlace.of(before, after);
  }

  private static boolean isRunAsItIs(GraphCheckpoint model) {
    return model.format().id().equals(Formats.onnx().id());
  }

  /** Compares what files of other formats say in ONNX's terms, which a runtime can run. */
  private ModelComparison compareTranslated(
      Path originalFile,
      GraphCheckpoint before,
      Path candidateFile,
      GraphCheckpoint after,
      CheckOptions options) {
    Translation original = before.translation();
    Translation candidate = after.translation();
    ModelGraph paired = paired(before, original.graph(), after, candidate.graph()).candidate();
    Set<String> unknown = new TreeSet<>(original.unknown());
    unknown.addAll(candidate.unknown());
    if (!unknown.isEmpty()) {
      return torch != null && Formats.isTorchScript(before) && Formats.isTorchScript(after)
          ? compareByTorch(torch, originalFile, original.graph(), candidateFile, paired, options)
          : ModelComparison.notTranslated(List.copyOf(unknown));
    }
    Path folder = null;
    try {
      folder = ScratchFolder.create();
      Path first = folder.resolve("original.onnx");
      Path second = folder.resolve("candidate.onnx");
      Formats.onnx().write(original.graph(), first);
      Formats.onnx().write(paired, second);
      return compare(first, original.graph(), second, paired, options);
    } catch (TooLargeException e) {
      return new ModelComparison(
          LevelVerdict.inconclusive(
              InconclusiveReason.MEMORY, "not run: in ONNX's terms it is too large for a file"),
          "none",
          0,
          options.seed(),
          List.of());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      if (folder != null) {
        ScratchFolder.delete(folder);
      }
    }
  }

  private ModelComparison compare(
      Path original, ModelGraph before, Path candidate, ModelGraph after, CheckOptions options) {
    return new ModelCheck(options.withFacts(ModelFacts.of(before)))
        .withTruth(new Truth(before, after))
        .compare(
            List.of(
                new RunnerPair(
                    pool.model(original, before),
                    pool.model(candidate, after),
                    pool.options().patience()),
                new RunnerPair(new ReferenceRunner(before), ReferenceRunner.ofCandidate(after))));
  }

  /** Compares what PyTorch computes; the float64 reference cannot, and is not asked. */
  private static ModelComparison compareByTorch(
      TorchRunners runners,
      Path original,
      ModelGraph before,
      Path candidate,
      ModelGraph after,
      CheckOptions options) {
    return new ModelCheck(options.withFacts(ModelFacts.of(before)))
        .compare(List.of(runners.pair(original, before, candidate, after)));
  }

  /**
   * The seed for a model whose content has this digest: every run of the same model is made of the
   * same samples.
   *
   * @param sha256 of the original's file
   */
  public static long seed(byte[] sha256) {
    return ByteBuffer.wrap(sha256).getLong();
  }
}
