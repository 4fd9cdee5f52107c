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
import dev.fusewright.core.tensor.ElementCodec;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.core.verify.ModelRunException;
import dev.fusewright.core.verify.ModelSession;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A model loaded in a child; the child is leased until the session is closed. */
final class OnnxRuntimeSession implements ModelSession {
  private final OpenedModel model;
  private final List<ValueInfo> inputs;
  private final List<ValueInfo> outputs;
  private final List<ValueInfo> opaqueOutputs;

  OnnxRuntimeSession(OpenedModel model, List<ValueInfo> inputs, List<ValueInfo> outputs) {
    this.model = model;
    this.inputs = List.copyOf(inputs);
    this.outputs = outputs.stream().filter(OnnxRuntimeSession::isComparable).toList();
    this.opaqueOutputs = outputs.stream().filter(output -> !isComparable(output)).toList();
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
  public List<ValueInfo> opaqueOutputs() {
    return opaqueOutputs;
  }

  private static boolean isComparable(ValueInfo output) {
    return ElementCodec.supports(output.type());
  }

  @Override
  public Map<String, Tensor> run(Map<String, Tensor> feeds, List<String> wanted)
      throws ModelRunException {
    return model.run(
        out -> {
          out.writeInt(feeds.size());
          for (Map.Entry<String, Tensor> feed : feeds.entrySet()) {
            RunnerProtocol.writeText(out, feed.getKey());
            RunnerProtocol.writeTensor(out, feed.getValue());
          }
          out.writeInt(wanted.size());
          for (String name : wanted) {
            RunnerProtocol.writeText(out, name);
          }
        },
        in -> {
          Map<String, Tensor> answers = new LinkedHashMap<>();
          for (String name : wanted) {
            answers.put(name, RunnerProtocol.readTensor(in, model.mostBytes()));
          }
          return answers;
        });
  }

  @Override
  public void close() {
    model.close();
  }
}
