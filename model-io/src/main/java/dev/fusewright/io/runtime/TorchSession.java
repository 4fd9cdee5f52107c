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

import dev.fusewright.core.graph.ValueInfo;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.core.verify.ModelRunException;
import dev.fusewright.core.verify.ModelSession;
import dev.fusewright.core.verify.RunFailure;
import java.io.DataInputStream;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** An archive that a child has loaded; the child is leased until the session is closed. */
final class TorchSession implements ModelSession {
  private final OpenedModel archive;
  private final List<ValueInfo> inputs;
  private final List<ValueInfo> outputs;

  TorchSession(OpenedModel archive, List<ValueInfo> inputs, List<ValueInfo> outputs) {
    this.archive = archive;
    this.inputs = List.copyOf(inputs);
    this.outputs = List.copyOf(outputs);
  }

  @Override
  public List<ValueInfo> inputs() {
    return inputs;
  }

  @Override
  public List<ValueInfo> outputs() {
    return outputs;
  }

  @Override
  public Map<String, Tensor> run(Map<String, Tensor> feeds, List<String> wanted)
      throws ModelRunException {
    List<ValueInfo> asked =
        wanted.stream()
            .map(name -> outputs.stream().filter(o -> o.name().equals(name)).findFirst())
            .map(output -> output.orElseThrow())
            .toList();
    Map<String, Tensor> answers =
        archive.run(
            out -> {
              out.writeInt(inputs.size());
              for (ValueInfo input : inputs) {
                RunnerProtocol.writeTensor(out, Objects.requireNonNull(feeds.get(input.name())));
              }
              out.writeInt(asked.size());
              for (ValueInfo output : asked) {
                out.writeInt(outputs.indexOf(output));
              }
            },
            in -> read(in, asked));
    for (ValueInfo output : asked) {
      Tensor answer = Objects.requireNonNull(answers.get(output.name()));
      if (answer.type() != output.type()) {
        // By its type it was to be judged.
        throw new ModelRunException(
            RunFailure.RUN_ERROR,
            "run %s: output '%s' was taken for %s, which the code does not say, and is %s"
                .formatted(
                    archive.name(), output.name(), output.type().text(), answer.type().text()));
      }
    }
    return answers;
  }

  private Map<String, Tensor> read(DataInputStream in, List<ValueInfo> asked) throws IOException {
    Map<String, Tensor> answers = new LinkedHashMap<>();
    long left = archive.mostBytes();
    for (ValueInfo output : asked) {
      Tensor answer = RunnerProtocol.readTensor(in, left);
      left -= answer.byteCount();
      answers.put(output.name(), answer);
    }
    return answers;
  }

  @Override
  public void close() {
    archive.close();
  }
}
