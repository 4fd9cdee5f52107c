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

import dev.fusewright.core.engine.FusionEngine;
import dev.fusewright.core.engine.RuleListener;
import dev.fusewright.core.rule.Rule;
import dev.fusewright.core.rule.RuleSet;
import dev.fusewright.core.rule.fold.Rules;
import dev.fusewright.io.format.GraphFormat;
import dev.fusewright.io.storage.ScratchSpace;
import dev.fusewright.io.storage.Store;
import dev.fusewright.io.storage.StoredFile;
import dev.fusewright.pipeline.settings.Mode;
import dev.fusewright.pipeline.settings.RequestException;
import dev.fusewright.pipeline.verification.Verifier;
import dev.fusewright.report.FusionReport;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The whole way of one model: fetch, read, plan, write, verify, publish. However it ends, it ends
 * in one report: what cannot be read, planned, written, proven or published is FAILED or REJECTED,
 * with the stage and the reason.
 *
 * <p>Publishing is the last thing that happens, and atomic; doing the same request again does no
 * harm and gives the same bytes. Not for use by several threads.
 */
public final class FuseModel {
  private final Store store;
  private final Verifier proof;
  private final ScratchSpace scratch;
  private final RuleListener listener;
  private final long mountedFrom;
  private final Map<String, FusionEngine> engines = new HashMap<>();

  /**
   * A flow.
   *
   * @param store where sources are and where models are published
   * @param proof what judges fused models
   * @param scratch where models are worked on
   */
  public FuseModel(Store store, Verifier proof, ScratchSpace scratch) {
    this(store, proof, scratch, RuleListener.NONE, Mounting.STANDARD_LEAST);
  }

  private FuseModel(
      Store store, Verifier proof, ScratchSpace scratch, RuleListener listener, long mountedFrom) {
    this.store = store;
    this.proof = proof;
    this.scratch = scratch;
    this.listener = listener;
    this.mountedFrom = mountedFrom;
  }

  /** The same flow, of whose plans {@code other} hears. */
  public FuseModel withListener(RuleListener other) {
    return new FuseModel(store, proof, scratch, other, mountedFrom);
  }

  /**
   * The same flow, which reads remote models of {@code bytes} and more where they are, if nobody
   * else has to open them.
   */
  FuseModel withMountedFrom(long bytes) {
    return new FuseModel(store, proof, scratch, listener, bytes);
  }

  /**
   * A flow for single files.
   *
   * @param scratchRoot an existing local folder with room for a model and its fused form
   */
  public FuseModel(Store store, Verifier proof, Path scratchRoot) {
    this(store, proof, ScratchSpace.unlimited(scratchRoot));
  }

  /** Fuses one model. */
  public FusionReport fuse(FuseRequest request) {
    return attempt(request).report();
  }

  /**
   * Fuses one model, and says from which files and into which; in mode verify, holds the target
   * against the source, and publishes nothing.
   */
  public JobResult attempt(FuseRequest request) {
    return attempt(request, null);
  }

  /**
   * The same, where the store has been asked for the source just now.
   *
   * @param source what it said; null if nobody has asked
   */
  public JobResult attempt(FuseRequest request, @Nullable StoredFile source) {
    return attempt(request, source, EarlierResults.NONE);
  }

  /**
   * The same, but a model of the same content as an earlier one is published as that was.
   *
   * @param earlier what was made before
   */
  public JobResult attempt(
      FuseRequest request, @Nullable StoredFile source, EarlierResults earlier) {
    return request.settings().mode() == Mode.VERIFY
        ? new VerifyJob(request, source, this).verify()
        : new ModelJob(request, source, this, earlier).fuse();
  }

  /** Finds what would be fused, and what not and why; publishes nothing. */
  public FusionReport inspect(FuseRequest request) {
    return attemptToInspect(request).report();
  }

  /** The same, with what is known beside the report. */
  public JobResult attemptToInspect(FuseRequest request) {
    return new ModelJob(request, null, this, EarlierResults.NONE).inspect();
  }

  public Store store() {
    return store;
  }

  Verifier proof() {
    return proof;
  }

  ScratchSpace scratch() {
    return scratch;
  }

  /** Bytes from which on a model is not fetched. */
  long mountedFrom() {
    return mountedFrom;
  }

  RuleListener listener() {
    return listener;
  }

  /**
   * The engine of those rules of a set whose results a format can hold.
   *
   * @throws RequestException if there is no such rule
   */
  FusionEngine engine(String rules, GraphFormat format) throws RequestException {
    RuleSet all = engine(rules).rules();
    RuleSet held = held(all, format);
    if (held.folds().size() == all.folds().size()) {
      return engine(rules);
    }
    return engines.computeIfAbsent(
        format.id() + " " + rules, key -> new FusionEngine(held).withListener(listener));
  }

  /** Those rules of a set whose results a format can hold. */
  static RuleSet held(RuleSet rules, GraphFormat format) {
    return new RuleSet(
        rules.name(),
        rules.folds().stream()
            .<Rule<?>>map(rule -> rule)
            .filter(rule -> format.holdsResultOf(rule.info().id()))
            .toList(),
        rules.containers());
  }

  /**
   * The engine of a rule set.
   *
   * @throws RequestException if there is no such rule
   */
  FusionEngine engine(String rules) throws RequestException {
    FusionEngine engine = engines.get(rules);
    if (engine == null) {
      try {
        engine = new FusionEngine(Rules.named(rules)).withListener(listener);
      } catch (IllegalArgumentException e) {
        throw new RequestException(String.valueOf(e.getMessage()));
      }
      engines.put(rules, engine);
    }
    return engine;
  }
}
