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
package dev.fusewright.pipeline.settings;

/**
 * The rules of a model: those that were said, on the command line or in the entry, always; where
 * nothing was, PyTorch's own for what is PyTorch's, or is fused by name as PyTorch does it.
 */
public final class RuleChoice {
  private static final String INFERENCE = "inference";
  private static final String TORCH = "torch";

  private RuleChoice() {}

  /** The kind of a file, as far as rules depend on it. */
  public enum Kind {
    /** It has a graph of its own. */
    GRAPH,
    /** It has parameters only. */
    STATE_DICT
  }

  /** A rule set's name, or rule ids with commas between. */
  public static String of(FuseSettings settings, Kind kind) {
    return settings.rules().orElseGet(() -> standard(settings.modules(), kind));
  }

  private static String standard(ModuleRequest modules, Kind kind) {
    return switch (kind) {
      case STATE_DICT -> TORCH;
      case GRAPH -> modules.list() != null || modules.graph() != null ? TORCH : INFERENCE;
    };
  }
}
