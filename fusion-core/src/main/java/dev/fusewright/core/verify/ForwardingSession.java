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
package dev.fusewright.core.verify;

import dev.fusewright.core.graph.ValueInfo;
import dev.fusewright.core.tensor.Tensor;
import java.util.List;
import java.util.Map;

/** A session that passes everything on to another one; what is to be different is overridden. */
public class ForwardingSession implements ModelSession {
  private final ModelSession session;

  /** A session that passes on to {@code session}, and closes it when it is closed. */
  public ForwardingSession(ModelSession session) {
    this.session = session;
  }

  @Override
  public List<ValueInfo> inputs() {
    return session.inputs();
  }

  @Override
  public List<ValueInfo> outputs() {
    return session.outputs();
  }

  @Override
  public List<ValueInfo> opaqueOutputs() {
    return session.opaqueOutputs();
  }

  @Override
  public Map<String, Tensor> run(Map<String, Tensor> inputs, List<String> outputs)
      throws ModelRunException {
    return session.run(inputs, outputs);
  }

  @Override
  public void close() {
    session.close();
  }
}
