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
package dev.fusewright.pipeline.verification;

import com.sun.management.OperatingSystemMXBean;
import dev.fusewright.core.plan.FusionPlan;
import dev.fusewright.io.Formats;
import dev.fusewright.io.storage.ByteBudget;
import dev.fusewright.pipeline.settings.FuseSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A proof that runs large models one after the other: what all workers of this process run at the
 * same time fits into half of the machine's memory. Each child has its own limit besides; a model
 * that is larger than all of it runs alone, and into that limit.
 *
 * <p>Scratch space is claimed before, and never here, so that nobody who holds memory waits for
 * anything else.
 */
public final class BoundedVerifier implements Verifier {
  private static final ByteBudget MEMORY = new ByteBudget(Math.max(1, machine() / 2));

  /** The file, its weights as the runtime packs them, and what is computed between. */
  private static final int TIMES_A_MODEL = 3;

  private static final long A_CHILD = 128L << 20;

  private final Verifier proof;
  private final ByteBudget memory;

  /** Bounds {@code proof} by the memory of this machine, or of its container. */
  public BoundedVerifier(Verifier proof) {
    this(proof, MEMORY);
  }

  public BoundedVerifier(Verifier proof, ByteBudget memory) {
    this.proof = proof;
    this.memory = memory;
  }

  private static long machine() {
    return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize();
  }

  @Override
  public Finding check(Case models, FuseSettings settings) {
    if (!settings.proof().checksModel()) {
      // Nothing is run, and what is compared is read in chunks.
      return proof.check(models, settings);
    }
    try (ByteBudget.Claim claim = claim(models.original())) {
      return proof.check(models, settings);
    }
  }

  @Override
  public Finding compare(Pair models, FuseSettings settings) {
    try (ByteBudget.Claim claim = claim(models.original())) {
      return proof.compare(models, settings);
    }
  }

  @Override
  public boolean isProvenBySites(FusionPlan plan, FuseSettings settings) {
    return proof.isProvenBySites(plan, settings);
  }

  @Override
  public int threads() {
    return proof.threads();
  }

  private ByteBudget.Claim claim(Path model) {
    try {
      long bytes = Files.size(model);
      for (String data : Formats.dataFiles(model)) {
        bytes += Files.size(model.resolveSibling(data));
      }
      return memory.claim(Math.min(memory.total(), A_CHILD + TIMES_A_MODEL * bytes));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for memory", e);
    }
  }

  @Override
  public void close() {
    proof.close();
  }
}
