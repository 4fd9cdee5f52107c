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
import dev.fusewright.core.tensor.ElementCodec;
import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.verify.inputs.AskedShapes;
import dev.fusewright.core.verify.inputs.DimSizes;
import dev.fusewright.core.verify.inputs.HintedInputs;
import dev.fusewright.core.verify.inputs.InputFamily;
import dev.fusewright.core.verify.inputs.InputGenerator;
import dev.fusewright.core.verify.inputs.Ranks;
import java.util.ArrayList;
import java.util.List;

/** Source of the samples for one model: the user, and a seed. */
public final class SampleSource {
  /** Further samples of a family that woke the model; their numbers are other samples' never. */
  private static final int MORE = 2;

  private static final int SECOND_ROUND = 1000;

  private final CheckOptions options;
  private final InputGenerator probe;
  private final ModelSession session;
  private List<ValueInfo> signature;
  private final List<DimSizes> sizes = new ArrayList<>();
  private String lastRunError = "";

  /** A source of samples for the model that is loaded in {@code session}. */
  public SampleSource(CheckOptions options, InputGenerator probe, ModelSession session) {
    this.options = options;
    this.probe = probe;
    this.session = session;
    this.signature = asked(HintedInputs.of(session.inputs(), options.hints()));
  }

  private List<ValueInfo> asked(List<ValueInfo> inputs) {
    return AskedShapes.fill(inputs, options.facts().asked());
  }

  /**
   * The samples that every check goes through; none made ones if the model runs at none of the
   * sizes tried.
   *
   * @throws ModelRunException if trying sizes fails otherwise than because they do not fit
   */
  public List<Sample> usual() throws ModelRunException {
    List<Sample> samples = new ArrayList<>();
    for (int i = 0; i < options.given().size(); i++) {
      samples.add(new Sample.Given(i + 1, options.given().get(i)));
    }
    if (options.samples() > 0) {
      refuseWhatCannotBeMade();
      findSizes();
      // Without inputs, one run is as good as many.
      samples.addAll(made(InputFamily.USUAL, signature.isEmpty() ? 1 : options.samples()));
    }
    return samples;
  }

  /** Samples for a model that the usual ones do not wake; none if no samples are to be made. */
  public List<Sample> adapted() throws ModelRunException {
    if (sizes.isEmpty()) {
      return List.of();
    }
    List<InputFamily> families = InputFamily.adapted(signature, sizes.get(0));
    return made(families, families.size());
  }

  /**
   * More samples of the families that woke the model.
   *
   * @param awake the most telling first
   */
  public List<Sample> more(List<InputFamily> awake) throws ModelRunException {
    List<Sample> samples = new ArrayList<>();
    for (InputFamily family : awake) {
      for (int i = 0; i < MORE; i++) {
        samples.add(made(sizes.get(i % sizes.size()), family, SECOND_ROUND + samples.size()));
      }
    }
    return samples;
  }

  /** What the model said of the last sizes at which it did not run. */
  public String lastRunError() {
    return lastRunError;
  }

  private List<Sample> made(List<InputFamily> families, int count) throws ModelRunException {
    List<Sample> samples = new ArrayList<>();
    for (int i = 0; i < count && !sizes.isEmpty(); i++) {
      samples.add(made(sizes.get(i % sizes.size()), families.get(i % families.size()), i));
    }
    return samples;
  }

  private Sample made(DimSizes size, InputFamily family, int number) throws ModelRunException {
    Sample.Made sample = new Sample.Made(probe, signature, size, family, number);
    if (sample.bytes() > Runtime.getRuntime().maxMemory() / 4.0) {
      throw new ModelRunException(
          RunFailure.OUT_OF_MEMORY,
          "inputs %s take %.0f MiB to make".formatted(sample.label(), sample.bytes() / (1 << 20)));
    }
    return sample;
  }

  private void refuseWhatCannotBeMade() throws ModelRunException {
    for (ValueInfo input : signature) {
      if (input.type() != ElementType.STRING && !ElementCodec.supports(input.type())) {
        throw new ModelRunException(
            RunFailure.UNSUPPORTED_TYPE,
            "input '%s' is %s, of which no values are made"
                .formatted(
                    input.name(),
                    input.type() == ElementType.UNDEFINED
                        ? "no tensor"
                        : "of type " + input.type().text()));
      }
    }
  }

  /**
   * Finds the ranks that are left open, and one or two sets of sizes, with which the model runs.
   */
  private void findSizes() throws ModelRunException {
    for (List<ValueInfo> ranked : Ranks.proposals(signature)) {
      signature = asked(ranked);
      findSizesOfRanks();
      if (!sizes.isEmpty()) {
        return;
      }
    }
  }

  private void findSizesOfRanks() throws ModelRunException {
    List<DimSizes> proposals = DimSizes.proposals(signature);
    if (proposals.size() == 1 && DimSizes.alternatives(signature, proposals.get(0)).isEmpty()) {
      sizes.addAll(proposals);
      return;
    }
    addFirstThatRuns(proposals);
    if (!sizes.isEmpty()) {
      addFirstThatRuns(DimSizes.alternatives(signature, sizes.get(0)));
    }
  }

  private void addFirstThatRuns(List<DimSizes> proposals) throws ModelRunException {
    List<String> outputs = session.outputs().stream().map(ValueInfo::name).toList();
    for (DimSizes proposal : proposals) {
      Sample sample;
      try {
        sample = made(proposal, InputFamily.NORMAL, 0);
      } catch (ModelRunException e) {
        lastRunError = String.valueOf(e.getMessage());
        continue;
      }
      try {
        session.run(sample.inputs(), outputs);
        sizes.add(proposal);
        return;
      } catch (ModelRunException e) {
        if (e.failure() != RunFailure.RUN_ERROR) {
          throw e;
        }
        lastRunError = String.valueOf(e.getMessage());
      }
    }
  }
}
