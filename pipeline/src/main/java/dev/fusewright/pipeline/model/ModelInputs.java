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

import dev.fusewright.core.graph.Dim;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.graph.ValueInfo;
import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.io.samples.SampleFiles;
import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.Scratch;
import dev.fusewright.io.storage.Staged;
import dev.fusewright.io.storage.Staging;
import dev.fusewright.pipeline.settings.InputSpec;
import dev.fusewright.pipeline.settings.RequestException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What a request says of a model's inputs, held against the model and fetched. */
public final class ModelInputs {
  /** All samples of one model are in memory while it is proven. */
  private static final long MOST_BYTES = Runtime.getRuntime().maxMemory() / 8;

  private final Map<String, InputSpec> specs;
  private final List<ValueInfo> inputs;

  private ModelInputs(Map<String, InputSpec> specs, ModelGraph model) {
    this.specs = specs;
    this.inputs = model.graph().requiredInputs();
  }

  /**
   * The sets of inputs whose files a request names; the first files of all inputs are the first
   * set.
   *
   * @throws RequestException if they are not for this model
   * @throws dev.fusewright.io.file.CheckpointException if one cannot be read
   */
  static List<Map<String, Tensor>> samples(ModelGraph model, JobContext context)
      throws IOException, RequestException {
    return samples(
        model,
        context.settings().examples(),
        new Files(context.staging(), context.scratch(), context.report()));
  }

  /** As {@link #samples(ModelGraph, JobContext)}, of a model that is no job's. */
  static List<Map<String, Tensor>> samples(
      ModelGraph model, Map<String, InputSpec> specs, Files files)
      throws IOException, RequestException {
    ModelInputs given = new ModelInputs(specs, model);
    given.refuseUnknown();
    int sets = given.sets();
    List<Map<String, Tensor>> samples = new ArrayList<>();
    long bytes = 0;
    for (int set = 0; set < sets; set++) {
      Map<String, Tensor> sample = new LinkedHashMap<>();
      for (ValueInfo input : given.inputs) {
        Location file = given.files(input).get(set);
        Tensor tensor = files.fetch(file);
        refuseUnfit(file, input, tensor);
        bytes += tensor.byteCount();
        if (bytes > MOST_BYTES) {
          throw new RequestException(
              "the samples: expected at most %d MiB in all, found more at %s"
                  .formatted(MOST_BYTES >> 20, file));
        }
        sample.put(input.name(), tensor);
      }
      samples.add(sample);
    }
    return samples;
  }

  private void refuseUnknown() throws RequestException {
    Set<String> known = inputs.stream().map(ValueInfo::name).collect(Collectors.toSet());
    for (String name : new TreeSet<>(specs.keySet())) {
      if (!known.contains(name)) {
        throw new RequestException(
            "something is said of the input '%s'; the model has no such input, but %s"
                .formatted(
                    name,
                    inputs.isEmpty()
                        ? "takes none"
                        : inputs.stream()
                            .map(input -> "'" + input.name() + "'")
                            .collect(Collectors.joining(", "))));
      }
    }
  }

  private int sets() throws RequestException {
    Map<String, Integer> counts = new LinkedHashMap<>();
    inputs.forEach(input -> counts.put(input.name(), files(input).size()));
    if (Set.copyOf(counts.values()).size() > 1) {
      throw new RequestException(
          "the samples: expected as many files for each input, found " + counts);
    }
    return counts.values().stream().findFirst().orElse(0);
  }

  private List<Location> files(ValueInfo input) {
    InputSpec spec = specs.get(input.name());
    return spec == null ? List.of() : spec.files();
  }

  /**
   * Source of the files of samples.
   *
   * @param findings are told of each
   */
  record Files(Staging staging, Scratch scratch, ReportBuilder findings) {
    Tensor fetch(Location file) throws IOException, RequestException {
      long bytes = staging.find(file).bytes();
      if (bytes > SampleFiles.MOST_BYTES) {
        throw new RequestException(
            "%s: expected a sample of at most %d MiB, found %d bytes"
                .formatted(file, SampleFiles.MOST_BYTES >> 20, bytes));
      }
      Staged staged = staging.fetch(file, scratch, "sample");
      findings.companion(staged.source(), staged.sha256());
      return SampleFiles.read(staged.file());
    }
  }

  private static void refuseUnfit(Location file, ValueInfo input, Tensor tensor)
      throws RequestException {
    List<Dim> dims = input.dims();
    boolean fits = tensor.type() == input.type();
    if (dims != null) {
      fits &= dims.size() == tensor.shape().rank();
      for (int axis = 0; fits && axis < dims.size(); axis++) {
        fits =
            !(dims.get(axis) instanceof Dim.Fixed fixed)
                || fixed.size() == tensor.shape().dim(axis);
      }
    }
    if (!fits) {
      throw new RequestException(
          "%s: expected a sample of the input '%s', %s, found %s%s"
              .formatted(
                  file,
                  input.name(),
                  form(input.type(), dims),
                  tensor.type().text(),
                  tensor.shape()));
    }
  }

  private static String form(ElementType type, @Nullable List<Dim> dims) {
    return type.text()
        + (dims == null
            ? " of any rank"
            : dims.stream().map(Dim::toString).collect(Collectors.joining(",", "[", "]")));
  }
}
