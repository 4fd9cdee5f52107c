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

import dev.fusewright.core.modules.ModuleListException;
import dev.fusewright.core.state.FoldedPair;
import dev.fusewright.core.state.SiteCheck;
import dev.fusewright.core.state.StateDict;
import dev.fusewright.core.state.StateFusion;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.core.verdict.Level;
import dev.fusewright.core.verdict.LevelVerdict;
import dev.fusewright.core.verdict.SiteResult;
import dev.fusewright.core.verdict.Verdict;
import dev.fusewright.core.verify.Equivalence;
import dev.fusewright.io.format.NestedState;
import dev.fusewright.io.format.StateCheckpoint;
import dev.fusewright.io.format.StatePath;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Proves a fused file of state dicts, as far as that goes without running it. The certificate of a
 * pair is its fold as planned; its site is the pair with the parameters that the file, read again,
 * has under the names PyTorch gives them. Every other tensor of the file must be the planned one,
 * bit for bit.
 */
final class StateProof {
  private static final int CHUNK = 1 << 16;

  private final long seed;
  private final List<SiteResult> sites = new ArrayList<>();
  private final List<String> differences = new ArrayList<>();
  private final Set<StateGroup> culprits = new LinkedHashSet<>();

  private StateProof(long seed) {
    this.seed = seed;
  }

  /** Judges a file that was written and is read again. */
  static StateProof of(Map<StatePath, StateFusion> fusions, StateCheckpoint written, long seed) {
    StateProof proof = new StateProof(seed);
    fusions.forEach((path, fusion) -> proof.check(path, fusion, at(written, path)));
    return proof;
  }

  /** A file with a single state dict may hold it elsewhere than its source did. */
  static StateDict at(StateCheckpoint written, StatePath path) {
    return written.states().stream()
        .filter(nested -> nested.path().equals(path))
        .findFirst()
        .map(NestedState::state)
        .orElseGet(() -> written.states().get(0).state());
  }

  /** The groups whose pairs were not proven. */
  Set<StateGroup> culprits() {
    return culprits;
  }

  private void check(StatePath path, StateFusion fusion, StateDict written) {
    Map<String, Tensor> planned = fusion.state().tensors();
    if (!planned.keySet().equals(written.tensors().keySet())) {
      differences.add("the file has other names than were planned");
    }
    planned.forEach(
        (name, tensor) -> {
          if (written.tensor(name).filter(found -> isSame(tensor, found)).isEmpty()) {
            differences.add("'" + name + "' is not what was planned");
          }
        });
    for (FoldedPair pair : fusion.pairs()) {
      LevelVerdict certificate = verdict(SiteCheck.of(pair, seed));
      LevelVerdict site =
          reread(pair, written)
              .map(found -> verdict(SiteCheck.of(found, seed)))
              .orElseGet(() -> LevelVerdict.different("the file has no folded " + pair.layer()));
      List<String> names = List.of(pair.layer(), pair.norm());
      sites.add(new SiteResult(ModuleListException.RULE, names, certificate, site));
      if (certificate.verdict() != Verdict.EQUIVALENT || site.verdict() != Verdict.EQUIVALENT) {
        fusion.groups().stream()
            .map(group -> new StateGroup(path, group.names()))
            .filter(group -> group.names().size() > 1 && group.names().subList(0, 2).equals(names))
            .forEach(culprits::add);
      }
    }
  }

  /** The pair with what the file has: a bare layer, or one inside of a container. */
  private static Optional<FoldedPair> reread(FoldedPair pair, StateDict written) {
    String bare = pair.layer();
    String layer = written.tensor(bare + ".weight").isPresent() ? bare : bare + ".0";
    return written
        .tensor(layer + ".weight")
        .flatMap(
            weight ->
                written
                    .tensor(layer + ".bias")
                    .map(
                        bias ->
                            new FoldedPair(
                                pair.layer(),
                                pair.norm(),
                                pair.kind(),
                                pair.axis(),
                                pair.weight(),
                                pair.bias(),
                                pair.parameters(),
                                weight,
                                bias)));
  }

  private static LevelVerdict verdict(SiteCheck.Finding finding) {
    String figures =
        String.format(
            Locale.ROOT,
            "error %.2g of the tolerance, channel %d",
            finding.error(),
            finding.channel());
    return finding.isEquivalent()
        ? LevelVerdict.equivalent(figures)
        : LevelVerdict.different(figures);
  }

  /** What was found, with what was found of the whole model. */
  Equivalence with(Equivalence whole) {
    Map<Level, LevelVerdict> levels = new EnumMap<>(Level.class);
    levels.put(Level.CERTIFICATE, together(sites.stream().map(SiteResult::certificate).toList()));
    levels.put(
        Level.SITE,
        differences.isEmpty()
            ? together(sites.stream().map(SiteResult::site).toList())
            : LevelVerdict.different(String.join("; ", differences.subList(0, 1))));
    levels.put(Level.MODEL, whole.level(Level.MODEL));
    return new Equivalence(levels, whole.samples(), seed, whole.outputs(), sites);
  }

  /** Whether the file is as it was planned and every pair in it is proven. */
  boolean isProven() {
    return differences.isEmpty() && culprits.isEmpty();
  }

  private static LevelVerdict together(List<LevelVerdict> verdicts) {
    return verdicts.stream()
        .filter(verdict -> verdict.verdict() != Verdict.EQUIVALENT)
        .findFirst()
        .orElseGet(
            () ->
                LevelVerdict.equivalent(
                    verdicts.isEmpty()
                        ? "no value changed: every tensor is bit for bit the original's"
                        : verdicts.size() + " folded pairs, as written and read again"));
  }

  private static boolean isSame(Tensor planned, Tensor found) {
    if (planned.type() != found.type() || !planned.shape().equals(found.shape())) {
      return false;
    }
    long total = planned.byteCount();
    int size = (int) Math.min(CHUNK, total);
    ByteBuffer left = ByteBuffer.allocate(size);
    ByteBuffer right = ByteBuffer.allocate(size);
    for (long done = 0; done < total; done += size) {
      int count = (int) Math.min(size, total - done);
      planned.read(done, left.clear().limit(count));
      found.read(done, right.clear().limit(count));
      if (!left.rewind().equals(right.rewind())) {
        return false;
      }
    }
    return true;
  }
}
