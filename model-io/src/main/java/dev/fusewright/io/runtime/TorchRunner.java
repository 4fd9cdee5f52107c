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
import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.text.Amounts;
import dev.fusewright.core.verify.Evaluation;
import dev.fusewright.core.verify.ModelRunException;
import dev.fusewright.core.verify.ModelRunner;
import dev.fusewright.core.verify.ModelSession;
import dev.fusewright.core.verify.RunFailure;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Runner of the method {@code forward} of one TorchScript archive, by PyTorch in a child process.
 *
 * <p>Inputs and outputs go by their places, and are called as in the graph that the archive was
 * read as.
 */
final class TorchRunner implements ModelRunner {
  private static final int MOST_ARGUMENTS = 1 << 16;

  private final RunnerPool pool;
  private final Path archive;
  private final TorchInterface values;
  private final Duration limit;

  /**
   * A runner of the archive in a file.
   *
   * @param limit of the time of each request
   */
  TorchRunner(RunnerPool pool, Path archive, TorchInterface values, Duration limit) {
    this.pool = pool;
    this.archive = archive.toAbsolutePath();
    this.values = values;
    this.limit = limit;
  }

  @Override
  public ModelRunner within(Duration newLimit) {
    return new TorchRunner(pool, archive, values, newLimit);
  }

  @Override
  public String describe() {
    return "%s, TorchScript, %s"
        .formatted(pool.runtime(), Amounts.count(pool.options().threads(), "thread"));
  }

  @Override
  public ModelSession open(Evaluation evaluation) throws ModelRunException {
    return OpenedModel.open(
        pool,
        archive,
        limit,
        evaluation,
        values.outputs().size(),
        TorchRunner::readArguments,
        (opened, said) -> new TorchSession(opened, inputs(said), values.outputs()));
  }

  /** The types of arguments that are numbers, {@link ElementType#UNDEFINED} for tensors. */
  private static List<ElementType> readArguments(DataInputStream in) throws IOException {
    List<ElementType> types = new ArrayList<>();
    for (int left = RunnerProtocol.readCount(in, MOST_ARGUMENTS, "inputs"); left > 0; left--) {
      types.add(RunnerProtocol.readName(in, ElementType.class));
    }
    return types;
  }

  /** The child says which arguments are numbers; of tensors the graph knows more. */
  private List<ValueInfo> inputs(List<ElementType> said) throws ModelRunException {
    List<ValueInfo> known = values.inputs();
    if (said.size() != known.size()) {
      throw new ModelRunException(
          RunFailure.UNSUPPORTED_TYPE,
          "load %s: forward takes %s, and its code was read as taking %d: state, or another method"
              .formatted(archive.getFileName(), Amounts.count(said.size(), "input"), known.size()));
    }
    List<ValueInfo> inputs = new ArrayList<>();
    for (int i = 0; i < said.size(); i++) {
      ValueInfo input = known.get(i);
      inputs.add(
          said.get(i) == ElementType.UNDEFINED
              ? input
              : new ValueInfo(input.name(), said.get(i), List.of()));
    }
    return inputs;
  }
}
