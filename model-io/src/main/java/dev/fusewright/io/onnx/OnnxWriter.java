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

import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.io.file.CheckpointException;
import dev.fusewright.io.file.Problem;
import dev.fusewright.io.file.TooLargeException;
import dev.fusewright.io.format.RewrittenTensor;
import dev.fusewright.io.format.WriteSummary;
import dev.fusewright.io.onnx.proto.ModelProto;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Writes ONNX files by splicing: what an edited graph shares with the file it was read from is
 * copied by byte range, only what changed is written anew, and tensors are computed while they are
 * written.
 */
final class OnnxWriter {
  private OnnxWriter() {}

  /**
   * Writes the edited form of a model that is still open, and its data files beside it.
   *
   * <p>Nothing of the graph changed and no metadata given: the file comes out byte for byte.
   *
   * @param edited made from {@code original.graph()}, sharing what it did not change
   * @param metadata entries to add to the model's {@code metadata_props}, replacing those with the
   *     same keys, in the order of their keys
   * @param target is replaced if it exists. Data files go into its folder under the names that the
   *     model gives them, except for those that change: they are called {@code <target>.data}, so
   *     that they can be published where the original lies
   * @throws IOException if the target cannot be written
   * @throws CheckpointException if the original cannot be read any more, or the result would be
   *     beyond what readers of ONNX can load
   * @throws IllegalArgumentException if the target, or a data file beside it, is the original
   *     itself
   */
  static WriteSummary write(
      OnnxCheckpoint original, ModelGraph edited, Map<String, String> metadata, Path target)
      throws IOException {
    requireElsewhere(original.path(), target);
    DataFilePlan dataFiles = new DataFilePlan(original, Map.of());
    MessagePlan plan = new ModelEditor(original, dataFiles).model(edited, metadata);
    Map<String, String> names = newNames(dataFiles.changed(), original.dataFiles(), target);
    if (!names.isEmpty()) {
      dataFiles = new DataFilePlan(original, names);
      ModelGraph relocated = new Relocation(original.index(), names.keySet()).of(edited);
      plan = new ModelEditor(original, dataFiles).model(relocated, metadata);
    }
    requireLoadable(original, plan, target);
    for (String location : original.dataFiles()) {
      Path beside = beside(target, dataFiles.name(location));
      requireElsewhere(original.externals().file(location).path(), beside);
      if (beside.equals(target.toAbsolutePath())) {
        throw new IllegalArgumentException(
            target + " is also the name of a data file of the model");
      }
    }
    List<RewrittenTensor> rewritten =
        new ArrayList<>(PlanStream.write(plan.segments(), original.file(), target));
    long copied = copied(plan.segments());
    List<Path> written = new ArrayList<>();
    for (String location : original.dataFiles()) {
      Path beside = beside(target, dataFiles.name(location));
      FileBytes source = original.externals().file(location);
      Files.createDirectories(ExternalFiles.folder(beside));
      List<Segment> segments = dataFiles.segments(location);
      rewritten.addAll(PlanStream.write(segments, source, beside));
      copied += copied(segments);
      written.add(beside);
    }
    return new WriteSummary(plan.size(), copied, rewritten, written, List.of());
  }

  private static long copied(List<Segment> segments) {
    return segments.stream().filter(Segment.Copy.class::isInstance).mapToLong(Segment::size).sum();
  }

  /** A data file that changes is called like the model, and like no other data file. */
  private static Map<String, String> newNames(Set<String> changed, List<String> all, Path target) {
    Map<String, String> names = new LinkedHashMap<>();
    int number = 1;
    for (String location : all) {
      if (changed.contains(location)) {
        String name;
        do {
          name = target.getFileName() + (number == 1 ? "" : "." + number) + ".data";
          number++;
        } while (all.contains(name) && !name.equals(location));
        names.put(location, name);
      }
    }
    names.entrySet().removeIf(entry -> entry.getKey().equals(entry.getValue()));
    return names;
  }

  /**
   * Writes a model that is from no file: all tensors go into the file itself.
   *
   * @throws IOException if the target cannot be written
   * @throws TooLargeException if it has more bytes than protobuf reads; nothing is written then
   * @throws IllegalArgumentException if the model holds what only its own file could say: opaque
   *     attributes, sparse initializers, annotations
   */
  static WriteSummary writeNew(ModelGraph model, Path target) throws IOException {
    MessagePlan plan = ModelEditor.newModel(model);
    requireLoadable(plan, target);
    return new WriteSummary(
        plan.size(),
        /* copied= */ 0,
        PlanStream.write(plan.segments(), null, target),
        List.of(),
        List.of());
  }

  private static Path beside(Path target, String location) {
    return ExternalFiles.folder(target).resolve(location);
  }

  private static void requireElsewhere(Path source, Path target) throws IOException {
    if (Files.exists(target) && Files.isSameFile(source, target)) {
      throw new IllegalArgumentException(
          target + " is the original: write to another folder, then move");
    }
  }

  /** Protobuf ends at 2 GiB; an original beyond that is somebody's own reader's business. */
  private static void requireLoadable(OnnxCheckpoint original, MessagePlan plan, Path target) {
    if (original.file().size() <= Integer.MAX_VALUE) {
      requireLoadable(plan, target);
    }
  }

  private static void requireLoadable(MessagePlan plan, Path target) {
    if (plan.size() > Integer.MAX_VALUE) {
      throw new TooLargeException(
          Problem.in(target)
              .inside("message " + ModelProto.getDescriptor().getName())
              .expected("at most " + Integer.MAX_VALUE + " bytes, which is all that protobuf reads")
              .found(Long.toString(plan.size()))
              .hint("Save the model with external data"));
    }
  }
}
